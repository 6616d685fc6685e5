// @ts-check
import { createServer, request as send } from "node:http";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the package is: the sources of what `cargo xtask pack` ships. */
const packageFolder = fileURLToPath(new URL("../../client-wasm/npm/", import.meta.url));

/** @type {Record<string, string>} */
const types = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };

/**
 * An origin of an app: an empty page, the package, redirects (`/moved/302/encoded address`), and the user service behind it.
 *
 * @typedef {object} Origin
 * @property {string} url
 * @property {(path: string) => Promise<() => void>} holdAnswer holds the next answer to that path back; resolves as soon as the service has answered, to a function that lets it go
 * @property {() => Promise<void>} close
 */

/**
 * @param {string} service address of the user service
 * @returns {Promise<Origin>}
 */
export async function startOrigin(service) {
  /** @type {{ path: string, answered: (go: () => void) => void }[]} */
  const holds = [];
  const server = createServer(async (request, response) => {
    const url = request.url ?? "/";
    const [, moved, status, to] = url.split("/");
    if (moved === "moved") return void response.writeHead(Number(status), { Location: decodeURIComponent(to ?? "") }).end();
    if (!url.startsWith("/v1/")) return file(url, response);
    const forwarded = send(service + url, { method: request.method, headers: request.headers }, async (answer) => {
      const held = holds.findIndex(({ path }) => path === url.split("?")[0]);
      if (held >= 0) {
        const [hold] = holds.splice(held, 1);
        await new Promise((go) => hold?.answered(() => go(undefined)));
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    // Whoever asked has gone away.
    forwarded.on("error", () => response.destroy());
    request.pipe(forwarded);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("the origin has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    holdAnswer: (path) => new Promise((resolve) => holds.push({ path, answered: resolve })),
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

/** @param {string} url @param {import("node:http").ServerResponse} response */
async function file(url, response) {
  if (url === "/") return void response.setHeader("Content-Type", "text/html").end("<!doctype html><title>App</title>");
  try {
    const bytes = await readFile(packageFolder + url.replace(/^\/package\//, "").replaceAll("..", ""));
    response.setHeader("Content-Type", types[extname(url)] ?? "application/octet-stream").end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}
