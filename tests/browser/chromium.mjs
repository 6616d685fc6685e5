// @ts-check
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

/** The options of the tests over WebDriver. These flags keep Chromium from contacting anything outside this machine. */
const options = JSON.parse(readFileSync(new URL("../../client-wasm/webdriver.json", import.meta.url), "utf8"));

/** Starts the Chromium of this machine. */
export function launchBrowser() {
  const { args } = options["goog:chromeOptions"];
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
}
