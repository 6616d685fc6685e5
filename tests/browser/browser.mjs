// @ts-check
// The browser under test and its tabs, over WebDriver, which every engine has.
import { error } from "selenium-webdriver";
import { Command } from "selenium-webdriver/lib/command.js";
import { engineName, startEngine } from "./engine.mjs";
import { Tab } from "./tab.mjs";

/** @typedef {import("selenium-webdriver").WebDriver} WebDriver */

/** The console messages with which Chromium itself reports a request. No page can prevent them. */
const networkNotice = /Failed to load resource: (the server responded with a status of (40[13]|504)|net::ERR_EMPTY_RESPONSE)/;

/** A browser with one profile. WebDriver has one current tab, so commands run one after the other; what they start in tabs runs at the same time. */
export class Browser {
  /** @type {WebDriver} */
  #driver;
  #quit;
  /** The window that stays open, because a session ends with its last window. @type {string} */
  #base;
  /** @type {Promise<unknown>} */
  #queue = Promise.resolve();

  static async start() {
    const { driver, quit } = await startEngine();
    return new Browser(driver, quit, await driver.getWindowHandle());
  }

  /** @param {WebDriver} driver @param {() => Promise<void>} quit @param {string} base */
  constructor(driver, quit, base) {
    this.#driver = driver;
    this.#quit = quit;
    this.#base = base;
  }

  /**
   * Runs a command in a window, after those that were given before.
   *
   * @template T
   * @param {string} window
   * @param {(driver: WebDriver) => Promise<T>} command
   */
  run(window, command) {
    return this.runInCurrent(async (driver) => {
      await driver.switchTo().window(window);
      return command(driver);
    });
  }

  /**
   * Runs a command in the window of the command before: while a dialog is open, WebKit's driver switches to no window.
   *
   * @template T
   * @param {(driver: WebDriver) => Promise<T>} command
   * @returns {Promise<T>}
   */
  runInCurrent(command) {
    const result = this.#queue.then(() => command(this.#driver));
    this.#queue = result.catch(() => {});
    return result;
  }

  /** Opens an empty tab. */
  newTab() {
    return this.#open("tab");
  }

  /** Opens a window, for a page that has to be drawn: in WebKit the driver brings no tab to the front. */
  newWindow() {
    return this.#open("window");
  }

  /** @param {"tab" | "window"} type */
  #open(type) {
    return this.run(this.#base, async (driver) => {
      await driver.switchTo().newWindow(type);
      // The engines start with windows of different sizes.
      await driver.manage().window().setRect({ width: 1280, height: 900 });
      return new Tab(this, await driver.getWindowHandle());
    });
  }

  /** Closes every tab. The storage of the origins stays. */
  closeTabs() {
    return this.run(this.#base, async (driver) => {
      for (const window of await driver.getAllWindowHandles()) {
        if (window === this.#base) continue;
        await driver.switchTo().window(window);
        await dismissDialog(driver);
        await driver.close();
      }
    });
  }

  /**
   * The messages that the browser has written to its console since the last call, without its own notices about the network. Only
   * Chromium's driver gives them out: among them are those that no script of the page can see.
   */
  async console() {
    if (engineName !== "chromium") return [];
    const entries = await this.run(this.#base, (driver) => driver.manage().logs().get("browser"));
    return entries.map(({ message }) => message).filter((message) => !networkNotice.test(message));
  }

  /** Stops the running service workers, as the browser does with idle ones; they start again when they are needed. Only in Chromium. */
  stopWorkers() {
    return this.run(this.#base, async (driver) => {
      const executor = /** @type {import("selenium-webdriver/http.js").Executor} */ (/** @type {unknown} */ (driver.getExecutor()));
      executor.defineCommand("cdp", "POST", "/session/:sessionId/goog/cdp/execute");
      for (const cmd of ["ServiceWorker.enable", "ServiceWorker.stopAllWorkers"]) {
        await driver.execute(new Command("cdp").setParameter("cmd", cmd).setParameter("params", {}));
      }
    });
  }

  quit() {
    return this.#quit();
  }
}

/** Closes the dialog that a failed test has left open. @param {WebDriver} driver */
async function dismissDialog(driver) {
  try {
    await driver.switchTo().alert().dismiss();
  } catch (problem) {
    if (!(problem instanceof error.NoSuchAlertError)) throw problem;
  }
}
