// @ts-check
import { after, before, test } from "node:test";
import { Browser } from "./browser.mjs";
import { startMockServer } from "./mock-server.mjs";
import { Origin } from "./origin.mjs";

/**
 * The resources that every browser test gets.
 *
 * @typedef {object} Start
 * @property {import("telematics-mock/server").MockServer} mock serves the demo page; all tests of the file share it
 * @property {Browser} browser all tests of the file share it; a test starts without tabs
 * @property {Origin} origin an origin for this test, whose storage is empty: no session
 * @property {import("node:test").TestContext} t
 */

/**
 * Returns a `test` function for one test file, whose tests run in the engine that ENGINE names. The file shares a mock server and a
 * browser; each test gets its own origin and the fixture that `setUp` makes of it.
 *
 * @template Fixture
 * @param {(start: Start) => Promise<Fixture>} setUp
 * @returns {(name: string, body: (fixture: Fixture) => Promise<void>) => void}
 */
export function withBrowser(setUp) {
  /** @type {Start["mock"]} */
  let mock;
  /** @type {Browser} */
  let browser;

  before(async () => {
    mock = await startMockServer();
    browser = await Browser.start();
  });

  after(async () => {
    await browser?.quit();
    await mock?.stop();
  });

  return (name, body) =>
    void test(name, { timeout: 60_000 }, async (t) => {
      // Not at the end of the test before: the hooks of a test may still look into its tabs.
      await browser.closeTabs();
      const origin = await Origin.start(mock.url);
      t.after(() => origin.close());
      await body(await setUp({ mock, browser, origin, t }));
    });
}
