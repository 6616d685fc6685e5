// @ts-check
import { createServer, request as send } from "node:http";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { listen } from "./listen.mjs";
import { consoleScript } from "./page-console.mjs";

/** The source folder of the package. */
const packageFolder = fileURLToPath(new URL("../../client-wasm/npm/", import.meta.url));

/** The files that the pages load besides their own. @type {Record<string, () => string | Promise<string>>} */
const scripts = {
  "/console.js": () => consoleScript,
  "/axe.js": () => readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8"),
};

/** @type {Record<string, string>} */
const types = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };

const head = '<!doctype html><html lang="en"><head><link rel="icon" href="data:,"><script src="/console.js"></script>';
/** The pages that the origin has itself. A desktop browser makes no window as narrow as a phone, so the page is in a frame for that. @type {Record<string, string>} */
const pages = {
  "/app": `${head}<script type="module">import { UserServiceClient } from "/package/index.js"; Object.assign(window, { UserServiceClient });</script><title>App</title></head></html>`,
  "/phone": `${head}<title>Phone</title></head><body style="margin:0"><iframe title="Page" src="/" width="390" height="664" style="border:0"></iframe></body></html>`,
};

/**
 * A request that the service received through the origin.
 *
 * @typedef {object} Request
 * @property {string} method
 * @property {string} address
 * @property {string} path
 * @property {number | null} status null as long as there is no answer
 * @property {string} answer
 */

/** An answer of the service that a test replaces. @typedef {{ status: number, body: object }} Answer */

/**
 * The origin of an app, on its own port, so that its storage is empty in every browser profile: a page that only loads the package (`/app`), the page in the
 * width of a phone (`/phone`), the package (`/package/`), redirects (`/moved/302/encoded address`) and a start signal
 * (`/together/4`). Everything else goes to the mock server, which has the demo page at `/`. Observes the requests from outside of the browser,
 * which works the same in every engine.
 */
export class Origin {
  /** @type {{ path: string, onAnswer: (release: () => void) => void }[]} */
  #holds = [];
  /** @type {Map<string, Answer>} */
  #replaced = new Map();
  /** The tabs that wait for the start signal. @type {(() => void)[]} */
  #waiting = [];
  /** @type {Awaited<ReturnType<typeof listen>> | undefined} */
  #listening;
  #service;
  /** The requests to the service so far, preflights excluded. @type {Request[]} */
  requests = [];
  /** Answers `/telematics-login`, the back end of the app. @type {import("node:http").RequestListener | undefined} */
  backEnd;
  /** Whether requests to the service are answered; if not, the connection is closed without an answer. */
  reachable = true;

  /** @param {string} service the address of the mock server */
  static async start(service) {
    const origin = new Origin(service);
    // A request that cannot be answered, such as a redirect to an address with a wrong escape, ends its connection and not the tests.
    origin.#listening = await listen(createServer((request, response) => void origin.#answer(request, response).catch(() => response.destroy())));
    return origin;
  }

  /** @param {string} service */
  constructor(service) {
    this.#service = service;
  }

  get url() {
    if (this.#listening === undefined) throw new Error("the origin has not been started");
    return this.#listening.url;
  }

  close() {
    return this.#listening?.close();
  }

  /** Opens the page that loads the package, in a new tab, and waits until `UserServiceClient` is there. @param {import("./browser.mjs").Browser} browser */
  async openApp(browser) {
    const tab = await browser.newTab();
    await tab.open(`${this.url}/app`);
    await tab.waitFor("window.UserServiceClient");
    return tab;
  }

  /** Holds back the next answer to a path; resolves, as soon as the service has answered, to a function that releases the answer. @param {string} path @returns {Promise<() => void>} */
  holdAnswer(path) {
    return new Promise((resolve) => this.#holds.push({ path, onAnswer: resolve }));
  }

  /** Answers every later request to a path in place of the service. @param {string} path @param {Answer} answer */
  replaceAnswer(path, answer) {
    this.#replaced.set(path, answer);
  }

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  async #answer(request, response) {
    const url = request.url ?? "/";
    const path = url.split("?")[0] ?? url;
    const [, first, second, third] = url.split("/");
    if (first === "moved") return void response.writeHead(Number(second), { Location: decodeURIComponent(third ?? "") }).end();
    if (first === "together") return this.#startTogether(Number(second), response);
    if (first === "package") return serveFile(url, response);
    const script = scripts[path];
    if (script) return void response.setHeader("Content-Type", "text/javascript").end(await script());
    if (this.backEnd && path === "/telematics-login") return void this.backEnd(request, response);
    if (pages[path] !== undefined) return void response.setHeader("Content-Type", "text/html").end(pages[path]);
    if (!this.reachable) return void request.socket.destroy();
    const entry = { method: request.method ?? "", address: `http://${request.headers.host}${url}`, path, status: null, answer: "" };
    if (entry.method !== "OPTIONS") this.requests.push(entry);
    const replaced = this.#replaced.get(path);
    if (replaced) return void response.writeHead(replaced.status, { "Content-Type": "application/json" }).end(JSON.stringify(replaced.body));
    this.#forward(request, response, entry);
  }

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response @param {Request} entry */
  #forward(request, response, entry) {
    // The answer has to be complete and readable, for `Request.answer` and for the script in the page.
    const { "accept-encoding": _, "if-none-match": __, "if-modified-since": ___, ...headers } = request.headers;
    const forwarded = send(this.#service + request.url, { method: request.method, headers });
    // For example because the tab was closed, or because the service ended the connection within its answer.
    const end = () => void response.destroy();
    forwarded.on("response", (answer) => void this.#passOn(answer, response, entry).catch(end));
    forwarded.on("error", end);
    request.pipe(forwarded);
  }

  /** @param {import("node:http").IncomingMessage} answer @param {import("node:http").ServerResponse} response @param {Request} entry */
  async #passOn(answer, response, entry) {
    const chunks = [];
    for await (const chunk of answer) chunks.push(chunk);
    entry.status = answer.statusCode ?? 502;
    entry.answer = Buffer.concat(chunks).toString();
    await this.#held(entry.path);
    const { "content-length": _, "transfer-encoding": __, ...kept } = answer.headers;
    const isPage = answer.headers["content-type"]?.startsWith("text/html");
    const body = isPage ? entry.answer.replace("<head>", '<head><script src="/console.js"></script>') : Buffer.concat(chunks);
    response.writeHead(entry.status, kept).end(body);
  }

  /** @param {string} path */
  async #held(path) {
    const index = this.#holds.findIndex((hold) => hold.path === path);
    if (index < 0) return;
    const [hold] = this.#holds.splice(index, 1);
    await new Promise((release) => hold?.onAnswer(() => release(undefined)));
  }

  /** Answers when as many tabs have asked. @param {number} tabs @param {import("node:http").ServerResponse} response */
  #startTogether(tabs, response) {
    this.#waiting.push(() => response.end());
    if (this.#waiting.length === tabs) for (const start of this.#waiting.splice(0)) start();
  }
}

/** @param {string} url @param {import("node:http").ServerResponse} response */
async function serveFile(url, response) {
  try {
    const bytes = await readFile(packageFolder + url.replace(/^\/package\//, "").replaceAll("..", ""));
    response.setHeader("Content-Type", types[extname(url)] ?? "application/octet-stream").end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}
