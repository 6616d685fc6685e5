// @ts-check
/** The console messages with which the browser itself reports a request. No page can prevent them. */
const networkNotices = [
  "Failed to load resource: the server responded with a status of 401 (Unauthorized)",
  "Failed to load resource: the server responded with a status of 403 (Forbidden)",
  "Failed to load resource: net::ERR_INTERNET_DISCONNECTED",
];

/**
 * An HTTP exchange as the network layer of the browser saw it.
 *
 * @typedef {object} Exchange
 * @property {string} method
 * @property {string} path
 * @property {number | null} status null if there was no answer
 */

/** Observes the network and the console of a page from outside. */
export class Witness {
  /** @type {import("playwright-core").Request[]} */
  #requests = [];
  /** The index of the first request of the current document. */
  #sinceOpened = 0;
  /** @type {string[]} */
  #messages = [];

  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    page.on("request", (request) => {
      if (request.isNavigationRequest()) this.#sinceOpened = this.#requests.length;
      this.#requests.push(request);
    });
    page.on("console", (message) => {
      if (message.type() !== "error" || !networkNotices.includes(message.text())) this.#messages.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.#messages.push(`uncaught: ${error.message}`));
  }

  /** The calls to the user service since the page was opened or reloaded, in their order. @returns {Promise<Exchange[]>} */
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

  /** The addresses of all requests of the page so far, with their queries. @returns {string[]} */
  get addresses() {
    return this.#requests.map((request) => request.url());
  }

  /** The messages of the console, without the browser's own network notices. @returns {readonly string[]} */
  get console() {
    return this.#messages;
  }

  /** The access and refresh tokens that the service has issued to this page so far, the oldest first. */
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
