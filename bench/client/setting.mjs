// @ts-check
import { mkdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { startMockServer } from "telematics-mock/server";
import { launchBrowser } from "../../tests/browser/chromium.mjs";
import { installPackage } from "../../tests/packages/install.mjs";
import { startOrigin } from "./origin.mjs";

/** @typedef {import("playwright-core").BrowserContext} Profile */

/** Where the package is unpacked. It stays there, so that an interrupted run leaves nothing outside of the target folder. */
const folder = fileURLToPath(new URL("../../target/bench/client", import.meta.url));

/**
 * What every measure needs: the mock server, the origin of the page, and Chromium.
 *
 * @param {string} binary the mock server
 */
export async function startSetting(binary) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const mock = await startMockServer({ binary: resolve(binary), args: ["--log", "warn"] });
  const origin = await startOrigin(await installPackage(folder));
  const browser = await launchBrowser();

  /** The options of a client. @param {import("telematics-mock/server").Instance} instance */
  const options = ({ instanceId, instanceKey }) => ({ baseUrl: mock.url, instanceId, instanceKey });

  /** Runs a script of the folder `page` in a fresh page of a browser profile. @param {Profile} profile @param {string} name @param {unknown} [given] */
  async function run(profile, name, given) {
    const page = await profile.newPage();
    try {
      await page.goto(origin.url);
      return await page.evaluate(async ([path, given]) => (await import(String(path))).default(given), [`/page/${name}.js`, given]);
    } finally {
      await page.close();
    }
  }

  return {
    mock,
    options,
    newProfile: () => browser.newContext(),
    run,
    /** Runs a script in a fresh page of a fresh profile, whose cache is empty. @param {string} name @param {unknown} [given] */
    async runCold(name, given) {
      const profile = await browser.newContext();
      try {
        return await run(profile, name, given);
      } finally {
        await profile.close();
      }
    },
    async stop() {
      await browser.close();
      await origin.close();
      await mock.stop();
    },
  };
}
