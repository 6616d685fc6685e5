// @ts-check
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startMockServer } from "telematics-mock/server";
import { launchBrowser } from "../browser/chromium.mjs";
import { installPackage } from "../packages/install.mjs";
import { Invariants } from "./invariants.mjs";
import { Journal } from "./journal.mjs";
import { Tab, pageScript } from "./tab.mjs";

const TABS = 4;
/** The time limit of a request, in milliseconds: short, so that faults exceed it often. */
const TIMEOUT_MS = 2_000;
/** How long access tokens live, in seconds: short, so that the client renews them without a disturbance too. */
const LIFETIME = { registrationTokenSeconds: 20, loginTokenSeconds: 20 };
/** How many of the last actions are kept for the report. */
const KEPT_ACTIONS = 40;

/** The page of the tabs and the installed package: below the target folder, so that an interrupted run leaves nothing elsewhere. */
const folder = fileURLToPath(new URL(`../../target/soak/${process.pid}`, import.meta.url));

/** @typedef {import("./random.mjs").Random} Random */
/** @typedef {Awaited<ReturnType<typeof openStage>>} Stage */

/** The mock server, the browser, and four tabs in which one user is signed in. @param {number} seed */
export async function openStage(seed) {
  const invariants = new Invariants(TIMEOUT_MS);
  const begun = performance.now();
  await mkdir(folder, { recursive: true });
  await installPackage(folder);
  await writeFile(join(folder, "index.html"), "<!doctype html><title>Soak</title>");
  const server = await startMockServer({ seed, args: ["--log", "warn", "--page", folder] });
  const mock = await server.createInstance({ settings: LIFETIME });
  const browser = await launchBrowser();
  const profile = await browser.newContext();
  const { instanceId, instanceKey } = mock.instance;
  const options = { baseUrl: server.url, instanceId, instanceKey, timeoutMs: TIMEOUT_MS };

  /** @type {Tab[]} */
  const tabs = [];
  /** @type {string[]} */
  const actions = [];
  let opened = 0;
  /** The numbers of the pages that have a tab. @type {WeakMap<import("playwright-core").Page, number>} */
  const numbers = new WeakMap();

  await profile.exposeBinding("report", ({ page }, event) => invariants.hear(numbers.get(page) ?? 0, event));
  await profile.addInitScript({ path: pageScript });

  /** @param {string} line */
  const log = (line) => {
    actions.push(`${((performance.now() - begun) / 1000).toFixed(2)} s ${line}`);
    if (actions.length > KEPT_ACTIONS) actions.shift();
  };

  const openTab = async () => {
    const number = ++opened;
    const tab = await Tab.open(number, profile, server.url);
    numbers.set(tab.page, number);
    tab.page.on("pageerror", (error) => invariants.violate(`tab ${number} has an uncaught error: ${error.message}`));
    // Tabs of one site can share a process, so that they crash together.
    tab.page.once("crash", () => invariants.forget(number));
    const deviceToken = await tab.start(options);
    if (deviceToken !== invariants.deviceToken) invariants.violate(`tab ${number} has not restored the session`);
    tabs.push(tab);
    return tab;
  };

  const first = await openTab();
  invariants.deviceToken = await first.register();
  while (tabs.length < TABS) await openTab();

  /** A tab that can be told to do something, or undefined. @param {Random} random */
  const pickTab = (random) => {
    const ready = tabs.filter(({ isReady }) => isReady);
    return ready.length > 0 ? random.pick(ready) : undefined;
  };

  return {
    invariants,
    mock,
    options,
    tabs,
    actions,
    log,
    journal: new Journal(mock),
    pickTab,

    /** Ends a tab in the given way and opens another one. @param {Random} random @param {(tab: Tab) => Promise<void>} end */
    async replaceTab(random, end) {
      const tab = pickTab(random);
      if (!tab) return;
      await end(tab);
      invariants.forget(tab.number);
      await this.reopenTabs();
    },

    /** Opens tabs in the place of those that are gone. */
    async reopenTabs() {
      const gone = tabs.filter(({ isGone, isEnding }) => isGone && !isEnding);
      for (const tab of gone) tabs.splice(tabs.indexOf(tab), 1);
      for (const tab of gone) {
        if (!tab.page.isClosed()) await tab.page.close();
        await openTab();
      }
    },

    async close() {
      await browser.close();
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}
