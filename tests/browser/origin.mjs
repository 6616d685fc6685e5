// @ts-check
import { createServer, request as send } from "node:http";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { listen } from "./listen.mjs";

/** The source folder of the package. */
const packageFolder = fileURLToPath(new URL("../../client-wasm/npm/", import.meta.url));

/** @type {Record<string, string>} */
const types = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };

/**
 * The origin of an app: an empty page, the package, redirects (`/moved/302/encoded address`), and a proxy to the user service.
 *
 * @typedef {object} Origin
 * @property {string} url
 * @property {(path: string) => Promise<() => void>} holdAnswer holds back the next answer to that path; resolves, as soon as the service has answered, to a function that releases the answer
 * @property {() => Promise<void>} close
 */

/**
 * @param {string} service the address of the user service
 * @param {import("node:http").RequestListener} [backEnd] answers `/telematics-login`
 * @returns {Promise<Origin>}
 */
export async function startOrigin(service, backEnd) {
  /** @type {{ path: string, onAnswer: (release: () => void) => void }[]} */
  const holds = [];
  const server = createServer(async (request, response) => {
    const url = request.url ?? "/";
    const [, moved, status, to] = url.split("/");
    if (moved === "moved") return void response.writeHead(Number(status), { Location: decodeURIComponent(to ?? "") }).end();
    if (backEnd && url === "/telematics-login") return backEnd(request, response);
    if (!url.startsWith("/v1/")) return serveFile(url, response);
    const forwarded = send(service + url, { method: request.method, headers: request.headers }, async (answer) => {
      const index = holds.findIndex(({ path }) => path === url.split("?")[0]);
      if (index >= 0) {
        const [hold] = holds.splice(index, 1);
        await new Promise((release) => hold?.onAnswer(() => release(undefined)));
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    // For example because the tab was closed.
    forwarded.on("error", () => response.destroy());
    request.pipe(forwarded);
  });
  const { url, close } = await listen(server);
  return { url, close, holdAnswer: (path) => new Promise((resolve) => holds.push({ path, onAnswer: resolve })) };
}

/** @param {string} url @param {import("node:http").ServerResponse} response */
async function serveFile(url, response) {
  if (url === "/") return void response.setHeader("Content-Type", "text/html").end("<!doctype html><title>App</title>");
  try {
    const bytes = await readFile(packageFolder + url.replace(/^\/package\//, "").replaceAll("..", ""));
    response.setHeader("Content-Type", types[extname(url)] ?? "application/octet-stream").end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}
