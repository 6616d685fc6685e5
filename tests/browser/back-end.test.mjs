// @ts-check
// Runs the page and the Express back end from the README of the package, with a client that has no instance key.
import assert from "node:assert/strict";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { register } from "telematics-user-client";
import { createSignInMiddleware } from "telematics-user-client/server";
import { Origin } from "./origin.mjs";
import { sample } from "./readme.mjs";
import { until } from "./until.mjs";
import { withBrowser } from "./with-browser.mjs";

const create = { path: "/v1/Registration/Create" };
const login = { path: "/v1/Auth/Login" };

/** The accounts of the app: the cookie names one. */
const accounts = `const accounts = new Map([["ada", { id: "ada", name: "Ada" }]]);
export const accountOf = ({ headers }) => accounts.get(headers.cookie?.split("account=")[1]);
export async function storeDeviceToken(id, deviceToken) {
  accounts.get(id).deviceToken = deviceToken;
  return "OK";
}
`;

const test = withBrowser(async ({ mock, browser, origin, t }) => {
  const mine = await mock.createInstance();
  const { instanceId, instanceKey } = mine.instance;
  const folder = await mkdtemp(join(tmpdir(), "telematics-back-end-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await symlink(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(folder, "node_modules"));
  await writeFile(join(folder, "accounts.js"), accounts);
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder, "server.js"), await sample("The back end is in this package", "js"));
  Object.assign(process.env, { SERVICE_URL: mock.url, INSTANCE_ID: instanceId, INSTANCE_KEY: instanceKey });
  const { app } = await import(pathToFileURL(join(folder, "server.js")).href);
  /** The statuses of the answers of the back end. @type {number[]} */
  const answered = [];
  origin.backEnd = (request, response) => {
    response.on("finish", () => answered.push(response.statusCode));
    app(request, response);
  };

  /** Opens a page of an origin, in the browser of Ada. @param {Origin} origin @param {string} [address] */
  const open = async (origin, address = origin.url) => {
    const tab = await browser.newTab();
    await tab.open(`${address}/app`);
    await tab.waitFor("window.UserServiceClient");
    await tab.evaluate("document.cookie = 'account=ada; path=/'");
    return tab;
  };
  return { mine, origin, open, answered, t };
});

/** Runs in a page: the answer of the back end at an address. @param {string} url */
const signIn = (url) => `fetch(${JSON.stringify(url)}, { method: "POST", credentials: "include", headers: { "Content-Type": "application/json" }, body: "{}" })`;

/** Runs in a page: the client of the README. @param {import("telematics-mock/server").MockInstance} mine */
async function keylessClient({ url, instance: { instanceId } }) {
  const text = (await sample("## Without the key", "js")).replace("https://user.telematicssdk.com", url).replace("…", instanceId);
  return `(async () => {
    ${text}
    window.client = client;
    window.kinds = [];
    client.onSessionChange(({ kind }) => kinds.push(kind));
  })()`;
}

/** Runs in a page: the outcome of a call. */
const outcome = "client.profile().then(() => 'answered', ({ code }) => code)";

test("a page without the key gets a user from the back end of the README, and stays signed in after both tokens have expired", async ({ mine, origin, open }) => {
  const tab = await open(origin);
  await tab.evaluate(await keylessClient(mine));
  const user = await tab.evaluate("client.profile().then(({ deviceToken, userProfile }) => [deviceToken, userProfile.firstName])");
  const [deviceToken, firstName] = /** @type {string[]} */ (user);
  assert.equal(firstName, "Ada");

  await mine.expire(String(deviceToken), "all");
  assert.equal(await tab.evaluate("client.profile().then(({ deviceToken }) => deviceToken)"), deviceToken);
  assert.deepEqual(await tab.evaluate("kinds"), ["reauthenticated"]);
  assert.ok(await tab.evaluate("client.session.refreshToken"));
  await mine.verify(create, { exactly: 1 });
  await mine.verify(login, { exactly: 1 });
});

test("the page of a deleted user is signed out", async ({ mine, origin, open }) => {
  const tab = await open(origin);
  await tab.evaluate(await keylessClient(mine));
  await tab.evaluate("client.update({ status: 'Deleted' })");
  assert.equal(await tab.evaluate(outcome), "session-expired");
  assert.equal(await tab.evaluate("client.session"), null);
});

test("the page of a deactivated user keeps its session", async ({ mine, origin, open }) => {
  const tab = await open(origin);
  await tab.evaluate(await keylessClient(mine));
  const deviceToken = String(await tab.evaluate("client.session.deviceToken"));
  await tab.evaluate("client.update({ status: 'Deactivated' })");
  await mine.expire(deviceToken, "all");
  assert.equal(await tab.evaluate(outcome), "forbidden");
  assert.equal(await tab.evaluate("client.session.deviceToken"), deviceToken);
});

test("a foreign page gets a 403, and the service is not called", async ({ mine, origin, open, answered, t }) => {
  const elsewhere = await Origin.start(mine.url);
  t.after(() => elsewhere.close());
  const address = `${origin.url}/telematics-login`;
  // Another port is the same site, and another host name is another site.
  for (const url of [elsewhere.url, elsewhere.url.replace("127.0.0.1", "localhost")]) {
    const tab = await open(elsewhere, url);
    answered.splice(0);
    await tab.evaluate(`fetch("${address}", { method: "POST", mode: "no-cors", credentials: "include" }).then(() => null)`);
    await until("the back end has answered", () => answered.length === 1);
    assert.deepEqual(answered, [403]);
    assert.equal(await tab.evaluate(`${signIn(address)}.then(() => "readable", () => "blocked")`), "blocked");
  }
  await mine.verify({ path: "/v1/*" }, { exactly: 0 });
});

test("a page of a listed origin may sign in and read the tokens", async ({ mine, open, t }) => {
  const [listed, backEnd] = [await Origin.start(mine.url), await Origin.start(mine.url)];
  t.after(() => Promise.all([listed.close(), backEnd.close()]));
  const { instanceId, instanceKey } = mine.instance;
  const { deviceToken } = await register({ baseUrl: mine.url, instanceId, instanceKey });
  backEnd.backEnd = createSignInMiddleware({
    serviceUrl: mine.url,
    instanceId,
    instanceKey,
    deviceTokenOf: ({ headers: { cookie } }) => (cookie === "account=ada" ? deviceToken : null),
    allowedOrigins: [listed.url],
  });
  const tab = await open(listed);
  const signedIn = await tab.evaluate(`${signIn(`${backEnd.url}/telematics-login`)}.then((answer) => answer.json())`);
  assert.equal(Object(signedIn).deviceToken, deviceToken);
});
