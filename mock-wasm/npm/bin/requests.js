// @ts-check
// The requests of the server: hands each over to the core, and sends its answer.
import { answer } from "../exchange.js";
import { limits } from "./module.js";
import { Page } from "./page.js";
import { readBody } from "./request-body.js";
import { send } from "./sending.js";

/**
 * @import { IncomingMessage, ServerResponse } from "node:http"
 * @import { Server } from "../wasm/cli_bg.js"
 * @import { Activity, Connections } from "./connections.js"
 */

/** The number of headers that a request may have, as the native server has it. */
const MAX_HEADERS = 100;

export class Requests {
  #server;
  #connections;
  #page;
  #limits = limits();

  /**
   * @param {Promise<Server>} server
   * @param {Connections} connections
   * @param {string | undefined} page the folder of static files
   */
  constructor(server, connections, page) {
    this.#server = server;
    this.#connections = connections;
    this.#page = page === undefined ? undefined : new Page(page);
  }

  /**
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   * @param {boolean} awaitsContinue whether the client sends the body only after `100 Continue`
   */
  receive(request, response, awaitsContinue) {
    return this.#connections.inTurn(request.socket, (activity) => this.#answer(request, response, awaitsContinue, activity));
  }

  /**
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   * @param {boolean} awaitsContinue
   * @param {Activity} activity
   */
  async #answer(request, response, awaitsContinue, activity) {
    const { method = "", url = "", rawHeaders, socket } = request;
    const leaving = new AbortController();
    const ended = new Promise((resolve) => response.once("close", resolve));
    response.once("close", () => leaving.abort());
    const body = readBody(request, this.#limits, () => void (awaitsContinue && response.writeContinue()));
    activity.breakOff = body.breakOff;
    let isLate = false;
    const isValid = rawHeaders.length <= 2 * MAX_HEADERS;
    const answered =
      isValid &&
      (await answer(await this.#server, {
        method,
        target: url,
        headers: rawHeaders,
        peer: socket.remoteAddress,
        signal: leaving.signal,
        readBody: async (maxBytes) => {
          const read = await body.read(maxBytes);
          isLate = read === "too-slow";
          return read;
        },
        answerInstead: this.#page && ((exchange) => /** @type {Page} */ (this.#page).answer(exchange)),
      }));
    const closes = isLate || this.#connections.isStopping || !isValid;
    await send(request, response, answered || refused(isValid), closes, this.#limits.heartbeat);
    await Promise.race([Promise.all([ended, body.end]), new Promise((resolve) => socket.once("close", resolve))]);
  }
}

/** The answer to a request that is not HTTP. @param {boolean} isSmall */
const refused = (isSmall) => ({
  ...(isSmall ? { status: 400, reason: "Bad Request" } : { status: 431, reason: "Request Header Fields Too Large" }),
  headers: ["connection", "close", "content-length", "0"],
  body: new Uint8Array(),
});
