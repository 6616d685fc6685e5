// @ts-check
// Real tabs of one browser, each with a client of the package, and the real mock server behind them.
import assert from "node:assert/strict";
import { withBrowser } from "./with-browser.mjs";
import { recorded } from "./page-console.mjs";
import { until } from "./until.mjs";

const refresh = { path: "/v1/Auth/RefreshToken" };
const login = { path: "/v1/Auth/Login" };
const read = { path: "/v1/Management/users" };

/** Runs in a tab: makes ten calls at once and resolves to "fulfilled" or an error code for each. */
const tenCalls = "Promise.allSettled(Array.from({ length: 10 }, () => client.profile())).then((all) => all.map(({ status, reason }) => reason?.code ?? status))";

const test = withBrowser(async ({ mock, browser, origin }) => {
  const { instanceId, instanceKey } = mock.instance;
  const options = JSON.stringify({ baseUrl: origin.url, instanceId, instanceKey });

  /** Opens a tab with a client. Code for the tab is text, because it runs in the browser. */
  const openTab = async () => {
    const tab = await origin.openApp(browser);
    await tab.evaluate(
      `(async () => {
        window.client = await UserServiceClient.create(${options});
        window.kinds = [];
        client.onSessionChange(({ kind, origin }) => kinds.push(kind + " " + origin));
      })()`,
    );
    return tab;
  };

  /** Opens four tabs in which the same user is signed in, with an expired access token; empties the journal. */
  const fourTabs = async () => {
    const first = await openTab();
    const deviceToken = await first.evaluate("client.register({ firstName: 'Ada' }).then((session) => session.deviceToken)");
    const tabs = /** @type {const} */ ([first, await openTab(), await openTab(), await openTab()]);
    await Promise.all(tabs.map((tab) => tab.waitFor(`client.session?.deviceToken === "${deviceToken}"`)));
    await mock.expire(String(deviceToken), "access");
    await mock.clearRequests();
    return tabs;
  };

  return { mock, browser, origin, openTab, fourTabs };
});

test("rule 3: forty simultaneous calls in four tabs with an expired access token share one refresh, and all succeed", async ({ mock, fourTabs }) => {
  const tabs = await fourTabs();

  const together = `fetch("/together/${tabs.length}", { method: "POST" }).then(() => ${tenCalls})`;
  const outcomes = (await Promise.all(tabs.map((tab) => tab.evaluate(together)))).flat();

  assert.deepEqual(outcomes, Array(40).fill("fulfilled"));
  await mock.verify(refresh, { exactly: 1 });
  await mock.verify({ ...read, status: 200 }, { exactly: 40 });
  await mock.verify(login, { exactly: 0 });
});

test("rule 6: a tab that is closed during its refresh costs the other tabs one more refresh and one login, and no call fails", async ({ mock, origin, fourTabs }) => {
  const [victim, ...others] = await fourTabs();
  const answered = origin.holdAnswer(refresh.path);
  void victim.evaluate("void client.refresh().catch(() => {})");
  const release = await answered;
  const calls = others.map((tab) => tab.evaluate(tenCalls));
  // The browser reports the queue for the lock, so the test sees that the other tabs wait. A second refresh ends the wait at once.
  await until("the other three tabs wait for their turn to refresh", async () => {
    const waiting = await others[0].evaluate("navigator.locks.query().then(({ pending }) => pending.length)");
    await mock.verify(refresh, { exactly: 1 });
    return waiting === 3;
  });

  await victim.close();
  const outcomes = (await Promise.all(calls)).flat();
  release();

  assert.deepEqual(outcomes, Array(30).fill("fulfilled"));
  await mock.verify(refresh, { atMost: 2 });
  await mock.verify(login, { exactly: 1 });
});

test("rule 7: a sign-out reaches the other tabs and wins over their refresh", async ({ origin, fourTabs }) => {
  const [first, second] = await fourTabs();
  const answered = origin.holdAnswer(refresh.path);
  const outcome = second.evaluate("client.refresh().then(() => 'refreshed', ({ code }) => code)");
  const release = await answered;

  await first.evaluate("client.signOut()");
  release();

  assert.equal(await outcome, "not-signed-in");
  await second.waitFor("kinds.length > 0");
  assert.equal(await second.evaluate("client.session"), null);
  assert.equal(await first.evaluate("localStorage.length"), 0);
  assert.deepEqual(await second.evaluate("kinds"), ["signed-out other-tab"]);
});

test("a sign-in in one tab signs the other tabs in", async ({ openTab }) => {
  const first = await openTab();
  const second = await openTab();
  await first.evaluate("client.register()");
  await second.waitFor("client.session !== null");
  assert.equal(await second.evaluate("client.session.deviceToken"), await first.evaluate("client.session.deviceToken"));
});

test("rule 8: the console, errors, broadcasts and addresses contain no secret", async ({ mock, browser, origin, openTab, fourTabs }) => {
  await browser.console();
  const listener = await openTab();
  const keyBefore = String(await listener.evaluate("Object.keys(localStorage)[0] ?? ''"));
  const tabs = await fourTabs();
  const key = String(await tabs[0].evaluate("Object.keys(localStorage)[0]"));
  await listener.evaluate(`(() => {
    window.broadcasts = [];
    new BroadcastChannel(${JSON.stringify(key)}).onmessage = ({ data }) => broadcasts.push(JSON.stringify(data));
  })()`);
  const before = await tabs[0].evaluate("Object.values(client.session)");
  await Promise.all(tabs.map((tab) => tab.evaluate(tenCalls)));
  const after = await tabs[0].evaluate("Object.values(client.session)");
  const deviceToken = String(await tabs[0].evaluate("client.session.deviceToken"));
  await mock.expire(deviceToken, "all");
  await mock.faults.add({ match: { method: "PUT", ...read, deviceToken }, times: 1, then: { status: 422 } });
  const errors = await tabs[0].evaluate(
    "client.update({ city: 'Paris' }).then(() => '', (error) => [error.code, error.message, error.stack, String(error), JSON.stringify(error)].join())",
  );
  await listener.waitFor("broadcasts.length > 0");
  const broadcasts = await listener.evaluate("broadcasts.join()");

  assert.equal(keyBefore, "");
  assert.match(String(broadcasts), /^"changed"/);
  assert.match(String(errors), /^validation,/);
  const seen = await Promise.all([listener, ...tabs].map(recorded));
  const requested = origin.requests.map(({ address }) => address);
  const messages = [...seen.flatMap(({ messages }) => messages), ...(await browser.console())];
  const visible = [...messages, errors, broadcasts, key, ...seen.flatMap(({ addresses }) => addresses), ...requested].join("\n");
  const secrets = [before, after].flat().filter((value) => typeof value === "string" && value.length > 30 && !/^\d{4}-/.test(value));
  assert.ok(secrets.length >= 4);
  for (const secret of [...secrets, mock.instance.instanceKey]) assert.ok(!visible.includes(String(secret)), "a secret is visible");
});
