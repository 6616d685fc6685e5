// @ts-check
// The mock in a service worker: pages of a static file server, without a mock server.
import assert from "node:assert/strict";
import { after, before, test as nodeTest } from "node:test";
import { Browser } from "./browser.mjs";
import { DemoPage } from "./demo-page.mjs";
import { engineName } from "./engine.mjs";
import { StaticSite } from "./static-site.mjs";
import { until } from "./until.mjs";

const create = "POST /v1/Registration/Create";
const refresh = "POST /v1/Auth/RefreshToken";
const read = "GET /v1/Management/users";

/** A script of the site for the worker, with options of its own. */
const own = 'import { serveMock } from "/package/worker.js"; serveMock({ users: [{ profile: { firstName: "Grace" } }] });';

/** @type {Browser} */
let browser;
before(async () => {
  browser = await Browser.start();
});
after(() => browser?.quit());

/** @param {string} name @param {(site: StaticSite) => Promise<void>} body */
function test(name, body) {
  void nodeTest(name, { timeout: 60_000 }, async (t) => {
    await browser.closeTabs();
    const site = await StaticSite.start({ "/app/empty.js": "", "/app/own.js": own });
    t.after(() => site.close());
    await body(site);
  });
}

/** Opens the demo page. @param {StaticSite} site */
async function openDemo(site) {
  const tab = await browser.newWindow();
  const demo = new DemoPage(tab, { url: `${site.url}/some/path/`, requests: [] });
  await demo.open();
  return { tab, demo };
}

/** Opens a page that loads `telematics-mock/page`, and starts the mock there. @param {StaticSite} site @param {string} [options] */
async function openApp(site, options = "{}") {
  const tab = await browser.newTab();
  await tab.open(`${site.url}/app/`);
  await tab.waitFor("window.startMockWorker");
  await tab.evaluate(`(async () => { window.mock = await startMockWorker(${options}); })()`);
  return tab;
}

/** The exchanges that the page lists, one line each. @param {DemoPage} demo */
async function listed(demo) {
  return (await demo.log()).map(({ method, path, status }) => `${method} ${path} ${status ?? "–"}`);
}

test("the demo page of a static file server registers, refreshes, and stays signed in over a reload; then it works without that server", async (site) => {
  const { demo } = await openDemo(site);
  await demo.shows("connection", "in this browser");
  await demo.register({ firstName: "Ada" });
  const deviceToken = await demo.deviceToken();

  await demo.evaluate(`fetch("mock/__mock/clock", { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"advance":"P6D"}' }).then(({ status }) => status)`);
  await demo.readProfile();
  assert.deepEqual(await listed(demo), [`${create} 200`, `${read} 200`, `${read} 401`, `${refresh} 200`, `${read} 200`]);
  await demo.sessionIs("refreshed");

  await demo.reload();
  await demo.sessionIs("restored");
  assert.equal(await demo.deviceToken(), deviceToken);
  assert.deepEqual(await listed(demo), [`${read} 200`]);

  await site.close();
  await demo.press("Expire access token");
  await demo.reports("mock", "access token");
  await demo.readProfile();
  assert.deepEqual(await listed(demo), [`${read} 200`, `${read} 401`, `${refresh} 200`, `${read} 200`]);
  await demo.arm("Response held until it is released", "next call");
  await demo.press("Read profile");
  await demo.shows("faults", "holds 1 request");
  await demo.press("Release");
  await demo.reports("calls", "Profile read.");

  assert.deepEqual(site.paths.filter((path) => /v1|__mock/.test(path)), [], "the server saw no call");
  assert.deepEqual(await demo.messages(), []);
});

test("a worker that was removed and is registered again continues with the stored state", async (site) => {
  const tab = await openApp(site);
  const { deviceToken } = await tab.evaluate("mock.users.add()");
  await tab.evaluate("mock.registration.unregister()");
  await tab.close();

  const later = await openApp(site);

  assert.deepEqual(await later.evaluate("mock.users.list().then(({ users }) => users.map(({ deviceToken }) => deviceToken))"), [deviceToken]);
});

if (engineName === "chromium") {
  test("a worker that the browser has stopped starts again with the state, also without the server of the page", async (site) => {
    const tab = await openApp(site);
    const { deviceToken } = await tab.evaluate("mock.users.add({ count: 1, accessToken: 'valid' }).then(([user]) => user)");
    const keys = await tab.evaluate("mock.keys()");
    await tab.evaluate("mock.faults.add({ match: {}, times: 1, then: { status: 503 } })");
    await site.close();

    await browser.stopWorkers();

    assert.deepEqual(await tab.evaluate("mock.faults.list()"), [], "the worker has started again");
    assert.equal(await tab.evaluate(`mock.users.get("${deviceToken}").then(({ deviceToken }) => deviceToken)`), deviceToken);
    assert.deepEqual(await tab.evaluate("mock.keys()"), keys);
  });
}

test("all tabs share one mock, and hear its events", async (site) => {
  const first = await openApp(site);
  const second = await openApp(site);
  await first.evaluate("(async () => { window.events = mock.events(); await events.opened; })()");
  await second.evaluate("mock.clock.advance('PT1H')");
  assert.equal(await first.evaluate("events.next().then(({ value }) => value.type)"), "clock");
  await first.evaluate("events.return()");
});

test("a request that a page aborts ends at once in the page, and the mock still answers", async (site) => {
  const tab = await openApp(site);
  await tab.evaluate("mock.faults.add({ match: { path: '/v1/Auth/Login' }, then: { hold: true } })");
  await tab.evaluate("void fetch(mock.url + '/v1/Auth/Login', { method: 'POST', signal: (window.controller = new AbortController()).signal }).catch(({ name }) => void (window.failed = name))");
  await until("the request is held", () => tab.evaluate("mock.faults.list().then(([fault]) => fault.held === 1)"));

  await tab.evaluate("controller.abort()");

  await tab.waitFor("window.failed === 'AbortError'");
  await tab.evaluate("mock.faults.clear()");
  assert.equal(await tab.evaluate("fetch(mock.url + '/v1/Auth/Login', { method: 'POST' }).then(({ ok }) => ok)"), false);
});

test("the address of another origin is answered in its place, with lost answers and redirects as from a server", async (site) => {
  const tab = await openApp(site, `{ url: "https://user.service.test/api" }`);
  assert.equal(await tab.evaluate("mock.url"), "https://user.service.test/api");
  assert.equal(await tab.evaluate("fetch(mock.url + '/v1/Management/users').then(({ status }) => status)"), 401);

  await tab.evaluate("mock.faults.add({ match: { path: '/v1/Auth/Login' }, times: 1, then: { commitThenDrop: true } })");
  await tab.evaluate("mock.faults.add({ match: { path: '/v1/Auth/Login' }, then: { status: 302, headers: { Location: mock.url + '/__mock/health' } } })");
  const login = "fetch(mock.url + '/v1/Auth/Login', { method: 'POST' }).then((answer) => answer.json()).then(({ status }) => status, ({ name }) => name)";
  assert.equal(await tab.evaluate(login), "TypeError");
  assert.equal(await tab.evaluate(login), "ok");
});

test("the seed and the clock of the page's options are those of the mock", async (site) => {
  const tab = await openApp(site, `{ seed: 7, clock: "2030-01-01T00:00:00Z" }`);
  assert.equal(await tab.evaluate("mock.clock.now()"), "2030-01-01T00:00:00.000Z");
});

test("a script of the site is a worker of its own, with options of its own", async (site) => {
  const tab = await openApp(site, `{ script: "own.js", type: "module", url: "service" }`);
  assert.equal(await tab.evaluate("mock.url"), `${site.url}/app/service`);
  assert.deepEqual(await tab.evaluate("mock.users.list().then(({ users }) => users.map(({ firstName }) => firstName))"), ["Grace"]);
});

test("a worker with other options takes the place of the one before", async (site) => {
  const tab = await openApp(site);
  await tab.evaluate("mock.users.add()");

  await tab.evaluate(`(async () => { window.mock = await startMockWorker({ url: "other" }); })()`);

  assert.equal(await tab.evaluate("mock.url"), `${site.url}/app/other`);
  assert.deepEqual(await tab.evaluate("mock.users.list().then(({ users }) => users)"), []);
  assert.equal(await tab.evaluate("fetch('mock/__mock/health').then(({ status }) => status)"), 404, "the address before is that of the site again");
});

test("a mock that cannot run in this page rejects with a sentence", async (site) => {
  const tab = await browser.newTab();
  await tab.open(`${site.url}/app/`);
  await tab.waitFor("window.startMockWorker");
  /** @param {string} [options] */
  const failure = (options = "") => tab.evaluate(`startMockWorker(${options}).catch(({ name, message }) => name + ": " + message)`);
  assert.match(await failure(`{ script: "absent.js" }`), /^MockServerError: The service worker \/app\/absent\.js could not be registered: ./);
  assert.match(await failure(`{ scope: "elsewhere/" }`), /^MockServerError: This page is not one of the service worker, which has the pages below .*\/app\/elsewhere\/: set the option `scope`/);
  assert.match(await failure(`{ clock: "noon" }`), /^MockServerError: The mock in the service worker did not start: .*clock/);

  // The time that a worker gets for its answer passes at once.
  await tab.evaluate("(() => { const later = setTimeout; window.setTimeout = (run, time) => later(run, time === 20_000 ? 0 : time); })()");
  assert.equal(await failure(`{ script: "/app/empty.js" }`), "MockServerError: The service worker /app/empty.js has no mock: the script has to call `serveMock` of telematics-mock/worker.");

  await tab.evaluate("Object.defineProperty(navigator, 'serviceWorker', { value: undefined })");
  assert.match(await failure(), /^MockServerError: The mock needs service workers, and this browser has none for this page/);
});
