// @ts-check
// The mock in a service worker: pages of a static file server, without a mock server.
import assert from "node:assert/strict";
import { after, before, test as nodeTest } from "node:test";
import { Browser } from "./browser.mjs";
import { DemoPage } from "./demo-page.mjs";
import { StaticSite } from "./static-site.mjs";

const create = "POST /v1/Registration/Create";
const refresh = "POST /v1/Auth/RefreshToken";
const read = "GET /v1/Management/users";

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
    const site = await StaticSite.start();
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
  await tab.evaluate(`(async () => { window.mock = await startMockWorker({ script: "worker/telematics-mock-worker.js", scope: "./", ...${options} }); })()`);
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
