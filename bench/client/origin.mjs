// @ts-check
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { listen } from "../../tests/browser/listen.mjs";

/** @type {Record<string, string>} */
const types = { ".js": "text/javascript", ".wasm": "application/wasm" };

/** In a page that is isolated from other origins, `performance.now()` counts in steps of 5 µs instead of 100 µs. */
const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/**
 * The origin of an app: an empty page, the installed package below `/package/`, and the scripts of the measures below `/page/`.
 *
 * @param {string} installed the folder of the package
 */
export function startOrigin(installed) {
  const folders = { package: installed, page: fileURLToPath(new URL("page/", import.meta.url)) };
  /** Each file is read once, so that later answers need no disk. @type {Map<string, Promise<Buffer>>} */
  const files = new Map();
  const server = createServer(async ({ url = "/" }, response) => {
    for (const [name, value] of Object.entries(isolation)) response.setHeader(name, value);
    if (url === "/") return void response.setHeader("Content-Type", "text/html").end('<!doctype html><link rel="icon" href="data:,">');
    const [, folder, ...path] = url.split("/");
    if ((folder !== "package" && folder !== "page") || path.includes("..")) return void response.writeHead(404).end();
    const file = files.get(url) ?? readFile(join(folders[folder], ...path));
    files.set(url, file);
    try {
      const bytes = await file;
      response.setHeader("Cache-Control", "max-age=31536000, immutable");
      response.setHeader("Content-Type", types[extname(url)] ?? "application/octet-stream").end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  return listen(server);
}
