// @ts-check
// Apps in clean folders with the packed packages, served and opened in Chromium.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { launchBrowser } from "../browser/chromium.mjs";
import { listen } from "../browser/listen.mjs";
import { until } from "../browser/until.mjs";
import { installPackage, packages } from "./install.mjs";

/** @typedef {import("node:test").TestContext} TestContext */
/** @typedef {import("playwright-core").Page} Page */

/** A folder in which apps also find the packages of the repository. */
export const beside = fileURLToPath(new URL("../../target/apps/", import.meta.url));
const app = fileURLToPath(new URL("app.mjs", import.meta.url));
/** @type {Record<string, string>} */
const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** @param {string} script */
export const page = (script) => `<!doctype html><title>running</title>${script}`;

/** The script of an app: shows the result of a run in the title. @param {string} entry @param {string} options an expression */
export const show = (entry = "telematics-user-client", options = "{}") => `import * as entry from "${entry}";
import { run } from "./app.mjs";
run(entry, ${options}).then((result) => { document.title = result; });`;

/**
 * Creates the folder of an app with the packed packages, and removes it after the test. In the folder for temporary files the app finds
 * no other package.
 *
 * @param {TestContext} t
 * @param {Record<string, string>} files by their paths in the folder
 * @param {string} parent
 */
export async function install(t, files = {}, parent = tmpdir()) {
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, "telematics-app-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const name of packages) await installPackage(folder, name);
  await cp(app, join(folder, "app.mjs"));
  const all = { "package.json": '{ "type": "module", "private": true }', ...files };
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/**
 * Serves a folder.
 *
 * @param {TestContext} t
 * @param {string} folder
 * @param {{ wrongTypes?: Record<string, string>, headers?: Record<string, string> }} options `wrongTypes` replaces content types, as a
 *   badly configured server does
 */
export async function serve(t, folder, { wrongTypes = {}, headers = {} } = {}) {
  const server = createServer(async ({ url = "/" }, response) => {
    const path = url === "/" ? "/index.html" : (url.split("?")[0] ?? "");
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    try {
      const bytes = await readFile(join(folder, path));
      response.setHeader("Content-Type", { ...types, ...wrongTypes }[extname(path)] ?? "text/plain").end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  const { url, close } = await listen(server);
  t.after(close);
  return `${url}/`;
}

/** Shares a browser among the tests of a file; returns the function `open`. */
export function withBrowser() {
  /** @type {import("playwright-core").Browser} */
  let browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser?.close());

  /**
   * Opens a page. `result` is its title and the errors that it did not catch; `requested` and `loaded` are the paths of
   * the files that it requested, and of those that it received.
   *
   * @param {TestContext} t
   * @param {string} url
   * @param {(page: Page) => Promise<unknown>} prepare
   */
  return async function open(t, url, prepare = async () => {}) {
    const tab = await browser.newPage();
    t.after(() => tab.close());
    /** @type {string[]} */
    const errors = [];
    /** @type {string[]} */
    const requested = [];
    /** @type {string[]} */
    const loaded = [];
    tab.on("pageerror", (error) => errors.push(error.message));
    tab.on("request", (request) => requested.push(new URL(request.url()).pathname));
    tab.on("response", (response) => {
      if (response.ok()) loaded.push(new URL(response.url()).pathname);
    });
    await prepare(tab);
    await tab.goto(url);
    // `waitForFunction` of Playwright evaluates a string, which the Content Security Policy of a page can forbid.
    const changed = async () => (await tab.title()) !== "running" || errors.length > 0;
    await until("the page shows its result", changed, { withinMs: 60_000 });
    return { result: [await tab.title(), ...errors].join("\n"), requested, loaded };
  };
}
