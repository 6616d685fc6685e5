// @ts-check
// The mock as handlers of Mock Service Worker, in a page: the mock is in the page, and the worker is that of MSW.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { Browser } from "./browser.mjs";
import { StaticSite, page } from "./static-site.mjs";

const source = `import { setupWorker } from "msw/browser";
import { createMock } from "telematics-mock";
import { mockHandlers } from "telematics-mock/msw";
window.mock = await createMock({ url: "https://user.test", wasm: "/package/wasm/mock_bg.wasm" });
window.worker = setupWorker(...mockHandlers(mock));
await worker.start({ quiet: true, serviceWorker: { url: "/app/mockServiceWorker.js" } });
window.started = true;`;

/** @type {Browser} */
let browser;
before(async () => {
  browser = await Browser.start();
});
after(() => browser?.quit());

/** The app as a bundler makes it, in one file. */
async function bundled() {
  const entry = fileURLToPath(new URL("app-with-msw.js", import.meta.url));
  const plugin = { name: "app", resolveId: (/** @type {string} */ id) => (id === entry ? id : null), load: (/** @type {string} */ id) => (id === entry ? source : null) };
  const bundle = await rolldown({ input: entry, platform: "browser", plugins: [plugin] });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
  await bundle.close();
  return output[0].code;
}

test("an app in a page gets the answers of the mock at the address of the real service", { timeout: 60_000 }, async (t) => {
  const worker = await readFile(fileURLToPath(import.meta.resolve("msw/mockServiceWorker.js")), "utf8");
  const site = await StaticSite.start({ "/app/mockServiceWorker.js": worker, "/app/app.js": await bundled(), "/app/msw.html": page('import "/app/app.js";') });
  t.after(() => site.close());
  const tab = await browser.newTab();
  await tab.open(`${site.url}/app/msw.html`);
  await tab.waitFor("window.started");

  const { accessToken } = await tab.evaluate("mock.users.add({ accessToken: 'valid', profile: { firstName: 'Ada' } })");
  const profile = `fetch("https://user.test/v1/Management/users", { headers: { Authorization: "Bearer ${accessToken}" } }).then((answer) => answer.text(), ({ name }) => name)`;
  assert.match(await tab.evaluate(profile), /Ada/);
  await tab.evaluate("mock.verify({ path: '/v1/Management/users' }, { exactly: 1 })");

  await tab.evaluate("mock.faults.add({ match: { path: '/v1/Management/users' }, times: 1, then: { commitThenDrop: true } })");
  assert.equal(await tab.evaluate(profile), "TypeError");
  assert.match(await tab.evaluate(profile), /Ada/);
});
