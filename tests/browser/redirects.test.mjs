// @ts-check
// A real browser follows redirects between two origins. The second origin must not receive a secret.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { withBrowser } from "./with-browser.mjs";
import { listen } from "./listen.mjs";

const test = withBrowser(async ({ mock, browser, origin, t }) => {
  const elsewhere = await startElsewhere();
  t.after(elsewhere.close);
  const page = await origin.openApp(browser);
  await page.evaluate(`(async () => {
    window.at = ${JSON.stringify({ ...mock.instance, storage: "memory", deviceTokenHeader: true })};
    window.open = (baseUrl) => UserServiceClient.create({ ...at, baseUrl });
    window.client = await open(${JSON.stringify(origin.url)});
    await client.register();
  })()`);

  /** The text that the page's `client.fetch` gets, or the code of its error. @param {string} path @param {object} [init] */
  const fetched = (path, init = {}) =>
    page.evaluate(`client.fetch(${JSON.stringify(path)}, ${JSON.stringify(init)}).then((answer) => answer.text(), ({ code }) => code)`);
  return { mock, origin, elsewhere, page, fetched };
});

/** An origin that allows every cross-origin request and records all requests. */
async function startElsewhere() {
  /** @type {{ method: string, authorization: string | undefined, all: string }[]} */
  const received = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { method = "", url, headers } = request;
    received.push({ method, authorization: headers.authorization, all: [url, ...request.rawHeaders, body].join("\n") });
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Methods", "*");
    response.setHeader("Access-Control-Allow-Headers", headers["access-control-request-headers"] ?? "*");
    response.end("elsewhere");
  });
  return { ...(await listen(server)), received };
}

/** A path of the first origin that redirects. @param {number} status @param {string} to */
const moved = (status, to) => `/moved/${status}/${encodeURIComponent(to)}`;

test("rule 8: a redirect to another origin never carries the access token there", async ({ mock, page, elsewhere, fetched }) => {
  for (const status of [301, 302, 303, 307, 308]) {
    assert.equal(await fetched(moved(status, `${elsewhere.url}/`)), "elsewhere");
    assert.equal(await fetched(moved(status, `${elsewhere.url}/`), { method: "POST", body: "trip" }), "elsewhere");
  }

  const requests = elsewhere.received.filter(({ method }) => method !== "OPTIONS");
  assert.equal(requests.length, 10);
  assert.deepEqual(new Set(requests.map(({ authorization }) => authorization)), new Set([undefined]));
  const { accessToken, refreshToken, deviceToken } = await page.evaluate("({ ...client.session })");
  for (const secret of [accessToken, refreshToken, deviceToken, mock.instance.instanceKey]) {
    assert.ok(String(secret).length > 30);
    assert.ok(elsewhere.received.every(({ all }) => !all.includes(secret)), "the other origin received a secret");
  }
});

test("a redirect within the origin carries the access token", async ({ origin, fetched }) => {
  const answer = await fetched(moved(302, `${origin.url}/v1/Management/users`));
  assert.equal(JSON.parse(String(answer)).Status, 200);
});

test("rule 8: the client's own requests do not follow redirects", async ({ origin, elsewhere, page }) => {
  const code = await page.evaluate(`open(${JSON.stringify(origin.url + moved(307, elsewhere.url))})
    .then((redirected) => redirected.register({}, { timeoutMs: 5000 })).then(() => "answered", ({ code }) => code)`);
  assert.equal(code, "network");
  assert.deepEqual(elsewhere.received, []);
});
