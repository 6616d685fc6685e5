// @ts-check
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { listen } from "./listen.mjs";
import { consoleScript } from "./page-console.mjs";

const root = new URL("../../", import.meta.url);
/** What `cargo xtask pages` has built. */
const pages = process.env.TELEMATICS_STATIC_PAGE ?? fileURLToPath(new URL("target/pages", root));

/** The folders that are served, by the beginnings of their paths. @type {Record<string, string>} */
const folders = {
  "/some/path/": pages,
  "/app/": pages,
  "/package/": fileURLToPath(new URL("mock-wasm/npm", root)),
};

/** @type {Record<string, string>} */
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };

const record = '<script src="/console.js"></script>';
/** Further files of a site by their paths. @typedef {Record<string, string>} Files */

/** The page of an app whose only content is a script. @param {string} script */
export const page = (script) => `<!doctype html><html lang="en"><head><link rel="icon" href="data:,">${record}<title>App</title><script type="module">${script}</script></head></html>`;

/** A page that loads `telematics-mock/page`. */
const app = page('import * as page from "/package/page.js"; Object.assign(window, page);');

/**
 * A static file server on its own port, so that its storage is empty in every browser profile. It has the demo page at `/some/path/`, a page that
 * loads `telematics-mock/page` at `/app/`, and the worker in both. There is no mock server.
 */
export class StaticSite {
  /** @type {Awaited<ReturnType<typeof listen>> | undefined} */
  #listening;
  #files;
  /** The paths that were requested so far. @type {string[]} */
  paths = [];

  /** @param {Files} [files] */
  static async start(files) {
    const site = new StaticSite(files);
    site.#listening = await listen(createServer((request, response) => void site.#answer(request.url ?? "/", response)));
    return site;
  }

  /** @param {Files} [files] */
  constructor(files = {}) {
    this.#files = files;
  }

  get url() {
    if (this.#listening === undefined) throw new Error("the site has not been started");
    return this.#listening.url;
  }

  /** Ends the server. Later requests to it find nobody. */
  close() {
    return this.#listening?.close();
  }

  /** @param {string} target @param {import("node:http").ServerResponse} response */
  async #answer(target, response) {
    const { pathname } = new URL(target, "http://site");
    this.paths.push(pathname);
    const content = this.#files[pathname] ?? (await contentOf(pathname).catch(() => undefined));
    if (content === undefined) return void response.writeHead(404).end();
    response.setHeader("Content-Type", types[extname(pathname)] ?? "text/html").end(content);
  }
}

/** @param {string} path @returns {Promise<string | Buffer | undefined>} */
async function contentOf(path) {
  if (path === "/console.js") return consoleScript;
  if (path === "/app/") return app;
  const [prefix, folder] = Object.entries(folders).find(([prefix]) => path.startsWith(prefix)) ?? [];
  if (prefix === undefined || folder === undefined) return undefined;
  const file = join(folder, normalize(`/${path.slice(prefix.length)}`), path.endsWith("/") ? "index.html" : "");
  if (extname(file) !== ".html") return readFile(file);
  return (await readFile(file, "utf8")).replace("<head>", `<head>${record}`);
}
