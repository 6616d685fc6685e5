// @ts-check
// The static page: which files of its folder are served. What their answers say is decided in WebAssembly, as in the native server.
import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

/**
 * @import { Exchange } from "../wasm/cli_bg.js"
 * @import { Answer } from "../exchange.js"
 */

export class Page {
  #folder;

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder;
  }

  /**
   * The answer with the file at the path of a request; `undefined` if the mock answers.
   *
   * @param {Exchange} exchange
   * @returns {Promise<Answer | undefined>}
   */
  async answer(exchange) {
    if (!exchange.isForPage) return undefined;
    const refusal = exchange.refusePage();
    if (refusal) return refusal;
    const file = await this.#file(exchange.path).catch(() => undefined);
    if (!file) return undefined;
    const { start, end, ...answer } = exchange.pageAnswer(file.path, file.size, file.mtimeMs);
    return end > start ? { ...answer, file: createReadStream(file.path, { start, end: end - 1 }) } : answer;
  }

  /**
   * The file at a path, or the `index.html` of the folder there. Names that begin with a dot, links that leave the folder, and what is no file
   * (opening a named pipe would wait for its writer) are not served.
   *
   * @param {string} path
   */
  async #file(path) {
    const names = decodeURIComponent(path).split("/").filter(Boolean);
    if (names.some((name) => name.startsWith(".") || /[\\\0:]/.test(name))) return undefined;
    const folder = await realpath(this.#folder);
    let file = await realpath(join(folder, ...names));
    let found = await stat(file);
    if (found.isDirectory()) {
      file = await realpath(join(file, "index.html"));
      found = await stat(file);
    } else if (path.endsWith("/")) {
      return undefined;
    }
    if (!found.isFile() || !file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return undefined;
    return { path: file, size: found.size, mtimeMs: found.mtimeMs };
  }
}
