// @ts-check
import { after, before, test } from "node:test";
import { launchBrowser } from "./chromium.mjs";
import { startMockServer } from "./mock-server.mjs";

/**
 * The resources that every browser test gets.
 *
 * @typedef {object} Start
 * @property {import("telematics-user-client/testing").MockServer} mock serves the demo page; all tests of the file share it
 * @property {import("playwright-core").BrowserContext} profile a fresh browser profile: empty storage, no session
 * @property {import("node:test").TestContext} t
 */

/**
 * Returns a `test` function for one test file. The file shares a mock server and a browser; each test gets its own browser profile
 * and the fixture that `setUp` makes of it.
 *
 * @template Fixture
 * @param {(start: Start) => Promise<Fixture>} setUp
 * @returns {(name: string, body: (fixture: Fixture) => Promise<void>) => void}
 */
export function withBrowser(setUp) {
  /** @type {Start["mock"]} */
  let mock;
  /** @type {import("playwright-core").Browser} */
  let browser;

  before(async () => {
    mock = await startMockServer();
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await mock?.stop();
  });

  return (name, body) =>
    void test(name, { timeout: 60_000 }, async (t) => {
      const profile = await browser.newContext();
      t.after(() => profile.close());
      await body(await setUp({ mock, profile, t }));
    });
}
