// @ts-check
// Real tabs of one browser, with the package in them and the real mock server behind them.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { startMockServer } from "./mock-server.mjs";
import { startOrigin } from "./origin.mjs";

const refreshPath = "/v1/Auth/RefreshToken";
const loginPath = "/v1/Auth/Login";
const readPath = "/v1/Management/users";

/** @type {import("./mock-server.mjs").MockServer} */
let mock;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("playwright-core").BrowserContext} */
let profile;
/** @type {import("./origin.mjs").Origin} */
let origin;
/** @type {string[]} */
let said;
/** Every address that a tab asked for. @type {string[]} */
let addresses;

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
  profile = await browser.newContext();
  said = [];
  addresses = [];
});

afterEach(async () => {
  await profile.close();
  await origin.close();
});

/** A tab with a client; what the page does is written as text, because it runs over there. @param {object} [more] */
async function openTab(more = {}) {
  const page = await profile.newPage();
  page.on("request", (request) => addresses.push(request.url()));
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  await page.goto(`${origin.url}/`);
  await page.evaluate(
    `(async () => {
      const { UserServiceClient } = await import("/package/index.js");
      globalThis.client = await UserServiceClient.create(${JSON.stringify({ ...at(), ...more })});
      globalThis.kinds = [];
      client.onSessionChange(({ kind, origin }) => kinds.push(kind + " " + origin));
    })()`,
  );
  return page;
}

const at = () => ({ baseUrl: origin.url, instanceId: mock.instance.instanceId, instanceKey: mock.instance.instanceKey });

/** Four tabs in which the same user is signed in, with an access token that the service no longer takes. */
async function fourTabs() {
  const first = await openTab();
  const deviceToken = await first.evaluate("client.register({ firstName: 'Ada' }).then((session) => session.deviceToken)");
  const tabs = [first, await openTab(), await openTab(), await openTab()];
  await mock.expire(String(deviceToken), "access");
  await mock.forget();
  return tabs;
}

const tenCalls = "Promise.allSettled(Array.from({ length: 10 }, () => client.profile())).then((all) => all.map(({ status, reason }) => reason?.code ?? status))";

test("rule 3: forty simultaneous calls in four tabs with an expired access token make one refresh and are all answered", async () => {
  const tabs = await fourTabs();

  const outcomes = (await Promise.all(tabs.map((tab) => tab.evaluate(tenCalls)))).flat();

  assert.deepEqual(outcomes, Array(40).fill("fulfilled"));
  assert.equal(await mock.count(refreshPath), 1);
  assert.equal(await mock.count(readPath, 200), 40);
  assert.equal(await mock.count(loginPath), 0);
});

test("rule 6: a tab that is killed in mid-refresh costs the others one more refresh and one login, and no call", async () => {
  const [victim, ...others] = await fourTabs();
  const answered = origin.holdAnswer(refreshPath);
  void victim?.evaluate("void client.refresh().catch(() => {})");
  const letGo = await answered;
  const calls = others.map((tab) => tab.evaluate(tenCalls));
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await mock.count(refreshPath), 1, "the others wait for their turn");

  await victim?.close();
  const outcomes = (await Promise.all(calls)).flat();
  letGo();

  assert.deepEqual(outcomes, Array(30).fill("fulfilled"));
  const refreshes = await mock.count(refreshPath);
  assert.ok(refreshes <= 2, `${refreshes} refreshes`);
  assert.equal(await mock.count(loginPath), 1);
});

test("rule 7: a sign-out reaches the other tabs and wins over their refresh", async () => {
  const [first, second] = await fourTabs();
  const answered = origin.holdAnswer(refreshPath);
  const refresh = second?.evaluate("client.refresh().then(() => 'refreshed', ({ code }) => code)");
  const letGo = await answered;

  await first?.evaluate("client.signOut()");
  letGo();

  assert.equal(await refresh, "not-signed-in");
  assert.equal(await second?.evaluate("client.session"), null);
  assert.equal(await first?.evaluate("localStorage.length"), 0);
  assert.deepEqual(await second?.evaluate("kinds"), ["signed-out other-tab"]);
});

test("a tab takes up who signs in in another one", async () => {
  const first = await openTab();
  const second = await openTab();
  await first.evaluate("client.register()");
  await second.waitForFunction("client.session !== null");
  assert.equal(await second.evaluate("client.session.deviceToken"), await first.evaluate("client.session.deviceToken"));
});

test("rule 8: nothing secret is in the console, in errors, in broadcasts or in an address", async () => {
  const listener = await openTab();
  const key = String(await listener.evaluate("Object.keys(localStorage)[0] ?? ''"));
  const tabs = await fourTabs();
  const name = String(await tabs[0]?.evaluate("Object.keys(localStorage)[0]"));
  await listener.evaluate(`globalThis.heard = []; new BroadcastChannel(${JSON.stringify(name)}).onmessage = ({ data }) => heard.push(JSON.stringify(data));`);
  const before = await tabs[0]?.evaluate("Object.values(client.session)");
  await Promise.all(tabs.map((tab) => tab.evaluate(tenCalls)));
  const later = await tabs[0]?.evaluate("Object.values(client.session)");
  const deviceToken = String(await tabs[0]?.evaluate("client.session.deviceToken"));
  await mock.expire(deviceToken, "all");
  const errors = await tabs[0]?.evaluate(
    "client.update({ email: 'no address' }).catch((error) => [error.message, error.stack, String(error), JSON.stringify(error)].join())",
  );
  const heard = await listener.evaluate("heard.join()");

  assert.equal(key, "");
  assert.match(String(heard), /^"changed"/);
  const seen = [said.join(), errors, heard, name, ...addresses].join("\n");
  const secrets = [before, later].flat().filter((value) => typeof value === "string" && value.length > 30 && !/^\d{4}-/.test(value));
  assert.ok(secrets.length >= 4);
  for (const secret of [...secrets, mock.instance.instanceKey]) assert.ok(!seen.includes(String(secret)), "a secret can be seen");
});
