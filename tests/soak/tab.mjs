// @ts-check
import { fileURLToPath } from "node:url";

/** @typedef {import("playwright-core").Page} Page */

export const pageScript = fileURLToPath(new URL("page.js", import.meta.url));

/** A tab of the browser with a client. Code for the tab is text, because it runs in the browser. */
export class Tab {
  /** Whether the tab is frozen: then it runs no code. */
  isFrozen = false;
  /** Whether the tab was closed or has crashed, or is about to. */
  isGone = false;
  /** Whether {@link close} or {@link crash} is at work. */
  isEnding = false;

  /** @param {number} number @param {Page} page @param {import("playwright-core").CDPSession} devtools */
  constructor(number, page, devtools) {
    this.number = number;
    this.page = page;
    this.devtools = devtools;
    page.once("crash", () => void (this.isGone = true));
    page.once("close", () => void (this.isGone = true));
  }

  /** Whether the tab can be told to do something. */
  get isReady() {
    return !this.isGone && !this.isFrozen;
  }

  /** Opens a page with a client. @param {number} number @param {import("playwright-core").BrowserContext} profile @param {string} address */
  static async open(number, profile, address) {
    const page = await profile.newPage();
    const tab = new Tab(number, page, await profile.newCDPSession(page));
    await tab.devtools.send("Network.enable");
    await page.goto(address);
    return tab;
  }

  /** Creates the client; resolves to its user. @param {object} options @returns {Promise<string | null>} */
  start(options) {
    return this.page.evaluate(`soak.start(${JSON.stringify(options)})`);
  }

  /** @returns {Promise<string>} */
  register() {
    return this.page.evaluate("soak.register()");
  }

  /** Begins calls without waiting for them. @param {number[]} ids @param {string} verb @param {number | null} abortAfterMs */
  async begin(ids, verb, abortAfterMs) {
    await this.page.evaluate(`soak.begin(${JSON.stringify(ids)}, ${JSON.stringify(verb)}, ${abortAfterMs})`);
  }

  /** @param {boolean} frozen */
  async freeze(frozen) {
    this.isFrozen = true;
    await this.#unlessGone(this.devtools.send("Page.setWebLifecycleState", { state: frozen ? "frozen" : "active" }));
    this.isFrozen = frozen;
  }

  /** @param {boolean} offline */
  async setOffline(offline) {
    const conditions = { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await this.#unlessGone(this.devtools.send("Network.emulateNetworkConditions", conditions));
  }

  /** Ignores a failure if the tab was closed or has crashed meanwhile. @param {Promise<unknown>} sent */
  async #unlessGone(sent) {
    await sent.catch((error) => {
      if (!this.isGone) throw error;
    });
  }

  /** Closes the tab, without a chance for the page to finish anything. */
  async close() {
    this.isGone = this.isEnding = true;
    await this.page.close({ runBeforeUnload: false });
    this.isEnding = false;
  }

  /** Ends the process of the tab, as a crash does. */
  async crash() {
    this.isGone = this.isEnding = true;
    const crashed = this.page.waitForEvent("crash");
    // No answer comes from a process that has ended.
    this.devtools.send("Page.crash").catch(() => {});
    await crashed;
    await this.page.close();
    this.isEnding = false;
  }
}
