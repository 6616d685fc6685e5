// @ts-check
// A redirect of a real browser between two origins: what secrets does the second one get?
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { startMockServer } from "./mock-server.mjs";
import { startOrigin } from "./origin.mjs";

/** @type {import("./mock-server.mjs").MockServer} */
let mock;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("playwright-core").Page} */
let page;
/** @type {import("./origin.mjs").Origin} */
let origin;
/** @type {Awaited<ReturnType<typeof startElsewhere>>} */
let elsewhere;

before(async () => {
  mock = await startMockServer();
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await mock?.stop();
});

beforeEach(async () => {
  origin = await startOrigin(mock.url);
  elsewhere = await startElsewhere();
  page = await browser.newPage();
  await page.goto(`${origin.url}/`);
  await page.evaluate(`import("/package/index.js").then(async ({ UserServiceClient }) => {
    globalThis.at = ${JSON.stringify({ ...mock.instance, storage: "memory", deviceTokenHeader: true })};
    globalThis.open = (baseUrl) => UserServiceClient.create({ ...at, baseUrl });
    globalThis.client = await open(${JSON.stringify(origin.url)});
    await client.register();
  })`);
});

afterEach(async () => {
  await page.close();
  await origin.close();
  await elsewhere.close();
});

/** An origin that lets every page ask anything, and writes down all that it gets. */
async function startElsewhere() {
  /** @type {{ method: string, authorization: string | undefined, all: string }[]} */
  const got = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { method = "", url, headers } = request;
    got.push({ method, authorization: headers.authorization, all: [url, ...request.rawHeaders, body].join("\n") });
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Methods", "*");
    response.setHeader("Access-Control-Allow-Headers", headers["access-control-request-headers"] ?? "*");
    response.end("elsewhere");
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("the origin has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    got,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}

/** A path of the first origin that redirects. @param {number} status @param {string} to */
const moved = (status, to) => `/moved/${status}/${encodeURIComponent(to)}`;

/** What the page's `client.fetch` gets: a text, or the code of the error. @param {string} path @param {object} [init] */
const fetched = (path, init = {}) =>
  page.evaluate(`client.fetch(${JSON.stringify(path)}, ${JSON.stringify(init)}).then((answer) => answer.text(), ({ code }) => code)`);

test("rule 8: a redirect to another origin never carries the access token there", async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    assert.equal(await fetched(moved(status, `${elsewhere.url}/`)), "elsewhere");
    assert.equal(await fetched(moved(status, `${elsewhere.url}/`), { method: "POST", body: "trip" }), "elsewhere");
  }

  const asked = elsewhere.got.filter(({ method }) => method !== "OPTIONS");
  assert.equal(asked.length, 10);
  assert.deepEqual(new Set(asked.map(({ authorization }) => authorization)), new Set([undefined]));
  await nothingSecretGot();
});

test("a redirect within the origin carries the access token", async () => {
  const answer = await fetched(moved(302, `${origin.url}/v1/Management/users`));
  assert.equal(JSON.parse(String(answer)).Status, 200);
});

test("rule 8: no request of the client itself follows a redirect", async () => {
  const code = await page.evaluate(`open(${JSON.stringify(origin.url + moved(307, elsewhere.url))})
    .then((strange) => strange.register({}, { timeoutMs: 5000 })).then(() => "answered", ({ code }) => code)`);
  assert.equal(code, "network");
  assert.deepEqual(elsewhere.got, []);
});

async function nothingSecretGot() {
  const { accessToken, refreshToken, deviceToken } = await page.evaluate("({ ...client.session })");
  for (const secret of [accessToken, refreshToken, deviceToken, mock.instance.instanceKey]) {
    assert.ok(String(secret).length > 30);
    assert.ok(elsewhere.got.every(({ all }) => !all.includes(secret)), "a secret got there");
  }
}
