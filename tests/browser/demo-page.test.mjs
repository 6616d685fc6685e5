// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { DemoPage } from "./demo-page.mjs";
import { startMockServer } from "./mock-server.mjs";

const create = "POST /v1/Registration/Create";
const login = "POST /v1/Auth/Login";
const refresh = "POST /v1/Auth/RefreshToken";
const read = "GET /v1/Management/users";
const write = "PUT /v1/Management/users";

/** @type {import("./mock-server.mjs").MockServer} */
let mock;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("playwright-core").BrowserContext} */
let profile;
/** @type {DemoPage} */
let demo;

before(async () => {
  mock = await startMockServer();
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await mock?.stop();
});

// Every test is a browser of its own: nothing stored, nobody signed in.
beforeEach(async () => {
  profile = await browser.newContext();
  demo = new DemoPage(await profile.newPage());
  await demo.open(mock.url);
});

afterEach(async () => {
  await profile.close();
  assert.deepEqual(demo.witness.console, [], "the console stays silent");
});

test("a new user's switch is saved, also when the access token has expired meanwhile", async () => {
  await demo.register({ firstName: "Ada", email: "ada@example.com", clientId: "crm-1042" });
  await demo.flip("Logging");
  assert.deepEqual(await demo.exchanges(), [`${create} 200`, `${read} 200`, `${write} 200`, `${read} 200`]);

  await mock.expire(await demo.deviceToken(), "access");
  await demo.flip("Real-time location");

  assert.deepEqual(await demo.exchanges(4), [`${write} 401`, `${refresh} 200`, `${write} 200`, `${read} 200`]);
  assert.deepEqual((await demo.log()).slice(4).map(({ mark }) => mark), ["rejected", "refresh", "repeat", "call"]);
  await demo.sessionIs("refreshed");
  assert.deepEqual(await switches(), { Tracking: true, Logging: true, "Real-time location": true, Account: true });
});

test("ten calls at once with an expired access token share one refresh", async () => {
  await demo.register();
  await demo.press("Expire access token");
  await demo.says("mock", "The client does not know yet");

  await demo.press("Ten calls at once");
  await demo.says("calls", /^10 of 10 calls answered/);

  const exchanges = await demo.exchanges(2);
  const rejected = count(exchanges, `${read} 401`);
  assert.equal(count(exchanges, `${refresh} 200`), 1);
  assert.equal(count(exchanges, `${read} 200`), 10);
  assert.ok(rejected >= 1 && rejected <= 10, `${rejected} calls were rejected`);
  assert.equal(exchanges.length, rejected + 11);
});

test("an expired refresh token is answered by a login with the device token", async () => {
  await demo.register();
  const deviceToken = await demo.deviceToken();
  await demo.press("Expire access token");
  await demo.says("mock", "access token");
  await demo.press("Expire refresh token");
  await demo.says("mock", "refresh token");

  await demo.readProfile();

  assert.deepEqual(await demo.exchanges(2), [`${read} 401`, `${refresh} 401`, `${login} 200`, `${read} 200`]);
  await demo.sessionIs("reauthenticated");
  assert.equal(await demo.deviceToken(), deviceToken);
});

test("a reload keeps the user signed in", async () => {
  await demo.register({ firstName: "Ada" });
  const deviceToken = await demo.deviceToken();

  await demo.reload();

  await demo.sessionIs("restored");
  assert.equal(await demo.deviceToken(), deviceToken);
  assert.deepEqual(await demo.exchanges(), [`${read} 200`]);
});

test("signing out forgets the user, also after a reload", async () => {
  await demo.register();
  await demo.press("Sign out");
  await demo.page.getByTestId("signed-in").getByText("Nobody signed in").waitFor();

  await demo.reload();

  await demo.page.getByTestId("signed-in").getByText("Nobody signed in").waitFor();
  assert.deepEqual(await demo.exchanges(), []);
});

test("a known user logs in with the device token", async () => {
  await demo.register();
  const deviceToken = await demo.deviceToken();
  await demo.press("Sign out");

  await demo.page.getByLabel("Device token", { exact: true }).fill(deviceToken);
  await demo.press("Log in");
  await demo.says("login", "Signed in.");

  assert.deepEqual(await demo.exchanges(2), [`${login} 200`, `${read} 200`]);
  assert.equal(await demo.deviceToken(), deviceToken);
});

test("an invite code registers a user without the instance key, and the session renews itself without it", async () => {
  await demo.connectWithKey("");
  await demo.page.getByRole("textbox", { name: "Invite code" }).fill(mock.instance.inviteCode);
  await demo.register();
  await demo.press("Expire access token");
  await demo.says("mock", "access token");

  await demo.readProfile();

  assert.deepEqual(await demo.exchanges(2), [`${read} 401`, `${refresh} 200`, `${read} 200`]);
});

test("a wrong instance key is said in words, and the right one works afterwards", async () => {
  await demo.connectWithKey("99999999-9999-4999-8999-999999999999");
  await demo.press("Register");
  await demo.complains("register", "The instance ID or the instance key is wrong.");
  assert.deepEqual(await demo.exchanges(), [`${create} 401`]);

  await demo.connectWithKey(mock.instance.instanceKey);
  await demo.register();

  assert.deepEqual(await demo.exchanges(1), [`${create} 200`, `${read} 200`]);
});

test("a service that cannot be reached is said in words", async () => {
  await demo.register();
  await profile.setOffline(true);

  await demo.press("Read profile");
  await demo.complains("calls", "The service cannot be reached at this address.");
  await profile.setOffline(false);
  await demo.readProfile();

  await demo.sessionIs("registered");
});

test("the service may be of another origin than the page", async () => {
  const elsewhere = mock.url.replace("127.0.0.1", "localhost");
  await demo.open(`${elsewhere}/?service=${encodeURIComponent(mock.url)}`);
  await demo.register();
  await demo.press("Expire access token");
  await demo.says("mock", "access token");

  await demo.flip("Logging");

  assert.deepEqual(await demo.exchanges(2), [`${write} 401`, `${refresh} 200`, `${write} 200`, `${read} 200`]);
  const calls = demo.witness.addresses.filter((address) => address.includes("/v1/"));
  assert.ok(calls.length > 0 && calls.every((address) => address.startsWith(mock.url)), calls.join("\n"));
});

test("switching the account off asks first, and afterwards the service refuses the user", async () => {
  await demo.register();
  demo.page.once("dialog", (dialog) => void dialog.dismiss());
  await demo.page.getByRole("switch", { name: "Account" }).click();
  assert.equal(await demo.isOn("Account"), true);
  assert.deepEqual(await demo.exchanges(2), []);

  demo.page.once("dialog", (dialog) => void dialog.accept());
  await demo.page.getByRole("switch", { name: "Account" }).click();
  await demo.says("telematics", "The account is switched off.");
  await demo.press("Read profile");
  await demo.complains("calls", "The service knows this user and refuses.");

  assert.deepEqual(await demo.exchanges(2), [`${write} 200`, `${read} 403`]);
  await demo.sessionIs("registered");
});

test("the page fits a phone", async () => {
  await demo.page.setViewportSize({ width: 390, height: 844 });
  await demo.register();
  const width = await demo.page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 390);
});

test("no secret is in the list of exchanges, in the markup or in an address", async () => {
  await demo.register();
  await demo.press("Expire access token");
  await demo.says("mock", "access token");
  await demo.readProfile();
  await demo.press("Refresh");
  await demo.says("calls", "A new access token");

  const tokens = (await demo.witness.tokens()).flatMap(({ access, refresh }) => [access, refresh]);
  const deviceToken = await demo.deviceToken();
  const log = await demo.page.getByTestId("exchanges").innerHTML();
  const markup = await demo.page.content();
  const addresses = [demo.page.url(), ...demo.witness.addresses].join("\n");

  assert.equal(tokens.length, 6);
  for (const secret of [...tokens, mock.instance.instanceKey]) {
    assert.ok(!markup.includes(secret), "a secret is in the markup");
    assert.ok(!addresses.includes(secret), "a secret is in an address");
  }
  assert.ok(!log.includes(deviceToken), "the device token is in the list of exchanges");
  assert.ok(!addresses.includes(deviceToken), "the device token is in an address");
});

/** @param {string[]} lines @param {string} line */
function count(lines, line) {
  return lines.filter((other) => other === line).length;
}

/** What the four switches show. */
async function switches() {
  /** @type {Record<string, boolean>} */
  const shown = {};
  for (const name of ["Tracking", "Logging", "Real-time location", "Account"]) shown[name] = await demo.isOn(name);
  return shown;
}
