// @ts-check
import { chromium } from "playwright-core";

/** Keeps Chromium from looking for anything outside this machine. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** What the browser itself says about a request; no page can prevent it. */
const networkNotices = [
  "Failed to load resource: the server responded with a status of 401 (Unauthorized)",
  "Failed to load resource: the server responded with a status of 403 (Forbidden)",
  "Failed to load resource: net::ERR_INTERNET_DISCONNECTED",
];

/** Starts the Chromium of this machine. */
export function launchBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
}

/**
 * An HTTP exchange as the browser's network layer saw it.
 *
 * @typedef {object} Exchange
 * @property {string} method
 * @property {string} path
 * @property {number | null} status null: it was not answered
 */

/** Listens to a page from outside: its network and its console. */
export class Witness {
  /** @type {import("playwright-core").Request[]} */
  #requests = [];
  /** Where the requests of the document begin that is open now. */
  #sinceOpened = 0;
  /** @type {string[]} */
  #said = [];

  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    page.on("request", (request) => {
      if (request.isNavigationRequest()) this.#sinceOpened = this.#requests.length;
      this.#requests.push(request);
    });
    page.on("console", (message) => {
      if (message.type() !== "error" || !networkNotices.includes(message.text())) this.#said.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.#said.push(`uncaught: ${error.message}`));
  }

  /** The calls of the user service since the page was opened or reloaded, in the order in which they were made. @returns {Promise<Exchange[]>} */
  calls() {
    const calls = this.#requests.slice(this.#sinceOpened).filter(isCall);
    return Promise.all(
      calls.map(async (request) => ({
        method: request.method(),
        path: new URL(request.url()).pathname,
        status: (await request.response())?.status() ?? null,
      })),
    );
  }

  /** Every address the page asked for so far, with its query. @returns {string[]} */
  get addresses() {
    return this.#requests.map((request) => request.url());
  }

  /** What the console says, without the browser's own notices of the network. @returns {readonly string[]} */
  get console() {
    return this.#said;
  }

  /** The access and refresh tokens that the service gave out to this page so far, oldest first. */
  async tokens() {
    const tokens = [];
    for (const request of this.#requests.filter(isCall)) {
      const response = await request.response();
      if (response?.status() !== 200 || request.method() !== "POST") continue;
      const { Result } = await response.json();
      tokens.push({ access: String(Result.AccessToken.Token), refresh: String(Result.RefreshToken) });
    }
    return tokens;
  }
}

/** @param {import("playwright-core").Request} request */
function isCall(request) {
  return request.method() !== "OPTIONS" && new URL(request.url()).pathname.startsWith("/v1/");
}
