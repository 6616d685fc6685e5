// @ts-check
import assert from "node:assert/strict";
import { withBrowser } from "./with-browser.mjs";
import { DemoPage } from "./demo-page.mjs";

const create = "POST /v1/Registration/Create";
const login = "POST /v1/Auth/Login";
const refresh = "POST /v1/Auth/RefreshToken";
const read = "GET /v1/Management/users";
const write = "PUT /v1/Management/users";

const test = withBrowser(async ({ mock, browser, origin, t }) => {
  const demo = new DemoPage(await browser.newWindow(), origin);
  await browser.console();
  await demo.open();
  t.after(async () => assert.deepEqual([...(await demo.messages()), ...(await browser.console())], [], "the console stays silent"));
  return { mock, origin, demo };
});

test("a new user's switch is saved, also if the access token has expired in the meantime", async ({ mock, demo }) => {
  await demo.register({ firstName: "Ada", email: "ada@example.com", clientId: "crm-1042" });
  await demo.flip("Logging");
  assert.deepEqual(await demo.exchanges(), [`${create} 200`, `${read} 200`, `${write} 200`, `${read} 200`]);

  await mock.expire(await demo.deviceToken(), "access");
  await demo.flip("Real-time location");

  assert.deepEqual(await demo.exchanges(4), [`${write} 401`, `${refresh} 200`, `${write} 200`, `${read} 200`]);
  assert.deepEqual((await demo.log()).slice(4).map(({ mark }) => mark), ["rejected", "refresh", "repeat", "call"]);
  await demo.sessionIs("refreshed");
  assert.deepEqual(await switches(demo), { Tracking: true, Logging: true, "Real-time location": true, Account: true });
});

test("ten calls at once with an expired access token share one refresh", async ({ demo }) => {
  await demo.register();
  await demo.press("Expire access token");
  await demo.reports("mock", "The client does not know this yet");

  await demo.press("Ten calls at once");
  await demo.reports("calls", /^10 of 10 calls answered/);

  const exchanges = await demo.exchanges(2);
  const rejected = count(exchanges, `${read} 401`);
  assert.equal(count(exchanges, `${refresh} 200`), 1);
  assert.equal(count(exchanges, `${read} 200`), 10);
  assert.ok(rejected >= 1 && rejected <= 10, `${rejected} calls were rejected`);
  assert.equal(exchanges.length, rejected + 11);
});

test("an expired refresh token leads to a login with the device token", async ({ demo }) => {
  await demo.register();
  const deviceToken = await demo.deviceToken();
  await demo.press("Expire access token");
  await demo.reports("mock", "access token");
  await demo.press("Expire refresh token");
  await demo.reports("mock", "refresh token");

  await demo.readProfile();

  assert.deepEqual(await demo.exchanges(2), [`${read} 401`, `${refresh} 401`, `${login} 200`, `${read} 200`]);
  await demo.sessionIs("reauthenticated");
  assert.equal(await demo.deviceToken(), deviceToken);
});

test("a gateway that answers 504 after a refresh has happened does not sign the user out", async ({ demo }) => {
  await demo.register();
  const deviceToken = await demo.deviceToken();
  await demo.press("Expire access token");
  await demo.reports("mock", "access token");
  await demo.arm("504 of a gateway, after the call ran", "next refresh");

  await demo.press("Read profile");

  await demo.shows("faults", "has happened");
  await demo.press("Read profile");
  await demo.reports("calls", "Profile read.");
  assert.ok((await demo.exchanges()).includes(`${refresh} 504`));
  assert.equal(await demo.deviceToken(), deviceToken);
});

test("a response is held until a person releases it", async ({ demo }) => {
  await demo.register();
  await demo.arm("Response held until it is released", "next call");
  await demo.press("Read profile");
  await demo.shows("faults", "holds 1 request");

  await demo.press("Release");

  await demo.reports("faults", "One request released.");
  await demo.reports("calls", "Profile read.");
  await demo.press("Remove all");
  await demo.shows("faults", /^$/);
});

test("a user who was added as deactivated cannot log in, and the page says why", async ({ demo }) => {
  await demo.choose("State", "deactivated");
  await demo.press("Add user");
  await demo.reports("users", /^Added\. The device token [0-9a-f-]{36} is in the field/);

  await demo.press("Log in");

  await demo.reportsError("login", "Only an admin can switch a deactivated account on again.");
});

test("a reload keeps the user signed in", async ({ demo }) => {
  await demo.register({ firstName: "Ada" });
  const deviceToken = await demo.deviceToken();

  await demo.reload();

  await demo.sessionIs("restored");
  assert.equal(await demo.deviceToken(), deviceToken);
  assert.deepEqual(await demo.exchanges(), [`${read} 200`]);
});

test("a sign-out ends the session, also after a reload", async ({ demo }) => {
  await demo.register();
  await demo.press("Sign out");
  await demo.shows("signed-in", "Not signed in");

  await demo.reload();

  await demo.shows("signed-in", "Not signed in");
  assert.deepEqual(await demo.exchanges(), []);
});

test("a known user logs in with the device token", async ({ demo }) => {
  await demo.register();
  const deviceToken = await demo.deviceToken();
  await demo.press("Sign out");

  await demo.fill("Device token", deviceToken);
  await demo.press("Log in");
  await demo.reports("login", "Signed in.");

  assert.deepEqual(await demo.exchanges(2), [`${login} 200`, `${read} 200`]);
  assert.equal(await demo.deviceToken(), deviceToken);
});

test("an invite code registers a user without the instance key, and the session is renewed without the key too", async ({ mock, demo }) => {
  await demo.connectWithKey("");
  await demo.fill("Invite code", mock.instance.inviteCode);
  await demo.register();
  await demo.press("Expire access token");
  await demo.reports("mock", "access token");

  await demo.readProfile();

  assert.deepEqual(await demo.exchanges(2), [`${read} 401`, `${refresh} 200`, `${read} 200`]);
});

test("a wrong instance key is explained, and the right one works afterwards", async ({ mock, demo }) => {
  await demo.connectWithKey("99999999-9999-4999-8999-999999999999");
  await demo.press("Register");
  await demo.reportsError("register", "The instance ID or the instance key is wrong.");
  assert.deepEqual(await demo.exchanges(), [`${create} 401`]);

  await demo.connectWithKey(mock.instance.instanceKey);
  await demo.register();

  assert.deepEqual(await demo.exchanges(1), [`${create} 200`, `${read} 200`]);
});

test("a service that cannot be reached is explained", async ({ origin, demo }) => {
  await demo.register();
  origin.reachable = false;

  await demo.press("Read profile");
  await demo.reportsError("calls", "The service cannot be reached at this address.");
  origin.reachable = true;
  await demo.readProfile();

  await demo.sessionIs("registered");
});

test("a mock server that refuses to expire a token is quoted", async ({ origin, demo }) => {
  await demo.register();
  origin.replaceAnswer("/__mock/tokens/expire", { status: 403, body: { error: "Not from this page." } });

  await demo.press("Expire access token");

  await demo.reportsError("mock", /^Not from this page\.$/);
});

test("a mock server that refuses to list its faults does not keep the page from restoring a session", async ({ origin, demo }) => {
  await demo.register();
  origin.replaceAnswer("/__mock/faults", { status: 401, body: { error: "The control token is missing." } });

  await demo.reload();

  await demo.sessionIs("restored");
  assert.deepEqual(await demo.exchanges(), [`${read} 200`]);
});

test("the service can have another origin than the page", async ({ origin, demo }) => {
  const elsewhere = origin.url.replace("127.0.0.1", "localhost");
  await demo.open(`${elsewhere}/?service=${encodeURIComponent(origin.url)}`);
  await demo.register();
  await demo.press("Expire access token");
  await demo.reports("mock", "access token");

  await demo.flip("Logging");

  assert.deepEqual(await demo.exchanges(2), [`${write} 401`, `${refresh} 200`, `${write} 200`, `${read} 200`]);
  const calls = demo.calls().map(({ address }) => address);
  assert.ok(calls.length > 0 && calls.every((address) => address.startsWith(origin.url)), calls.join("\n"));
});

test("switching the account off needs a confirmation, and afterwards the service refuses the user", async ({ demo }) => {
  await demo.register();
  await demo.clickSwitch("Account");
  await demo.answerDialog(false);
  assert.equal(await demo.isOn("Account"), true);
  assert.deepEqual(await demo.exchanges(2), []);

  await demo.clickSwitch("Account");
  await demo.answerDialog(true);
  await demo.reports("telematics", "The account is switched off.");
  await demo.press("Read profile");
  await demo.reportsError("calls", "The service refused this user.");

  assert.deepEqual(await demo.exchanges(2), [`${write} 200`, `${read} 403`]);
  await demo.sessionIs("registered");
});

test("the page fits a phone", async ({ demo }) => {
  await demo.openOnPhone();
  await demo.register();
  const [window, content, visible] = await demo.evaluate("((page) => [innerWidth, page.scrollWidth, page.clientWidth])(document.documentElement)");
  assert.equal(window, 390);
  assert.equal(content, visible, "the page is wider than the window");
});

test("the result of an action that is out of view on a phone is scrolled into view", async ({ mock, demo }) => {
  await demo.openOnPhone();
  await demo.register();
  await demo.isInView('section[aria-labelledby="session-title"]');

  await demo.connectWithKey("99999999-9999-4999-8999-999999999999");
  await demo.press("Register");
  await demo.reportsError("register", "The instance ID or the instance key is wrong.");
  await demo.isInView('[data-testid="register-error"]');

  await demo.connectWithKey(mock.instance.instanceKey);
});

test("a result is scrolled to without animation for a person who prefers reduced motion, and not at all if it is in view", async ({ demo }) => {
  const registered = async (/** @type {boolean} */ prefersReducedMotion) => {
    await demo.evaluate(`(() => {
      window.scrolls = [];
      Element.prototype.scrollIntoView = ({ behavior }) => void window.scrolls.push(behavior);
      window.matchMedia = () => ({ matches: ${prefersReducedMotion} });
      document.querySelector("button.primary").click();
    })()`);
    await demo.reports("register", "Registered and signed in.");
    return demo.evaluate("scrolls");
  };
  assert.deepEqual(await registered(false), []);
  await demo.openOnPhone();
  assert.deepEqual(await registered(true), ["auto"]);
  await demo.openOnPhone();
  assert.deepEqual(await registered(false), ["smooth"]);
});

test("the list of exchanges, the markup and the addresses contain no secret", async ({ mock, demo }) => {
  await demo.register();
  await demo.press("Expire access token");
  await demo.reports("mock", "access token");
  await demo.readProfile();
  await demo.press("Refresh");
  await demo.reports("calls", "A new access token");

  const tokens = demo.tokens();
  const deviceToken = await demo.deviceToken();
  const log = await demo.evaluate(`document.querySelector('[data-testid="exchanges"]').innerHTML`);
  const markup = await demo.evaluate("document.documentElement.outerHTML");
  const addresses = (await demo.addresses()).join("\n");

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

/** The state of the four switches. @param {DemoPage} demo */
async function switches(demo) {
  /** @type {Record<string, boolean>} */
  const states = {};
  for (const name of ["Tracking", "Logging", "Real-time location", "Account"]) states[name] = await demo.isOn(name);
  return states;
}
