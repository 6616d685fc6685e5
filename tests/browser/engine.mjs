// @ts-check
// The browser engine that the tests run in, named by the variable ENGINE, and the programs that drive it over WebDriver.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Builder } from "selenium-webdriver";

/** The folder of this module has no other name under `import`, and its declarations have another. @type {typeof import("selenium-webdriver/remote.js")} */
const { DriverService } = createRequire(import.meta.url)("selenium-webdriver/remote");

/** The options of Chromium and Firefox, which the tests of the client in WebAssembly use too. Nothing that they start contacts another machine. */
const options = JSON.parse(readFileSync(new URL("../../client-wasm/webdriver.json", import.meta.url), "utf8"));

/**
 * @typedef {object} Engine
 * @property {string} driver the WebDriver program
 * @property {Record<string, unknown>} capabilities of the session
 */

/** @type {Record<string, Engine>} */
const engines = {
  chromium: {
    driver: process.env.CHROMEDRIVER ?? "/usr/bin/chromedriver",
    capabilities: {
      browserName: "chrome",
      "goog:chromeOptions": { ...options["goog:chromeOptions"], binary: process.env.CHROMIUM ?? "/usr/bin/chromium" },
      "goog:loggingPrefs": { browser: "ALL" },
    },
  },
  firefox: {
    driver: process.env.GECKODRIVER ?? "/usr/bin/geckodriver",
    capabilities: {
      browserName: "firefox",
      "moz:firefoxOptions": { ...options["moz:firefoxOptions"], binary: process.env.FIREFOX ?? "/usr/bin/firefox-esr" },
    },
  },
  // The driver knows where its browser is. The browser has no headless mode: it needs a display, for example that of `xvfb-run`.
  webkit: { driver: process.env.WEBKITDRIVER ?? "/usr/bin/WebKitWebDriver", capabilities: { browserName: "MiniBrowser" } },
};

/** The name of the engine that the tests of this process run in. */
export const engineName = process.env.ENGINE ?? "chromium";

/** Starts the browser of this process with an empty profile; `quit` ends it and its driver. */
export async function startEngine() {
  const engine = engines[engineName];
  assert.ok(engine, `ENGINE is "${engineName}", and has to be one of ${Object.keys(engines).join(", ")}`);
  const service = new DriverService.Builder(engine.driver).setLoopback(true).build();
  try {
    const address = await service.start();
    // The tests answer dialogs themselves.
    const capabilities = { ...engine.capabilities, unhandledPromptBehavior: "ignore" };
    const driver = await new Builder().disableEnvironmentOverrides().usingServer(address).withCapabilities(capabilities).build();
    const quit = async () => {
      await driver.quit().finally(() => service.kill());
    };
    return { driver, quit };
  } catch (error) {
    await service.kill();
    throw error;
  }
}
