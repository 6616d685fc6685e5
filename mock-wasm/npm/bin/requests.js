// @ts-check
// The requests of the server: hands each over to the core, and sends its answer.
import { answer } from "../exchange.js";
import { Page } from "./page.js";
import { readBody } from "./request-body.js";
import { send } from "./sending.js";
import { describe } from "./system-error.js";

/**
 * @import { IncomingMessage, ServerResponse } from "node:http"
 * @import { Server } from "../wasm/cli_bg.js"
 * @import { RequestBody } from "../exchange.js"
 * @import { Connections } from "./connections.js"
 * @import { IncomingBody, Limits } from "./request-body.js"
 */

/** The number of headers that a request may have, as the native server has it. */
const MAX_HEADERS = 100;
/** The length of a target that is too long, as the native server has it. */
const TOO_LONG = 65_535;

export class Requests {
  #server;
  #connections;
  #page;
  #limits;

  /**
   * @param {Promise<Server>} server
   * @param {Connections} connections
   * @param {Limits & { heartbeat: number }} limits
   * @param {string | undefined} page the folder of static files
   */
  constructor(server, connections, limits, page) {
    this.#server = server;
    this.#connections = connections;
    this.#limits = limits;
    this.#page = page === undefined ? undefined : new Page(page);
  }

  /**
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   * @param {boolean} awaitsContinue whether the client sends the body only after `100 Continue`
   */
  receive(request, response, awaitsContinue) {
    const body = readBody(request, this.#limits, () => void (awaitsContinue && response.writeContinue()));
    const { socket } = request;
    const work = () =>
      this.#answer(request, response, body).catch(async (thrown) => {
        (await this.#server).logEarlyEnd(describe(thrown));
        socket.destroy();
      });
    return this.#connections.inTurn(socket, body.breakOff, work);
  }

  /**
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   * @param {IncomingBody} body
   */
  async #answer(request, response, body) {
    const { method = "", url = "", rawHeaders, socket } = request;
    const leaving = new AbortController();
    const ended = new Promise((resolve) => response.once("close", resolve));
    response.once("close", () => leaving.abort());
    /** @type {RequestBody | undefined} */
    let read;
    const refusal = refusalOf(request);
    const answered =
      refusal ??
      (await answer(await this.#server, {
        method,
        target: url,
        headers: rawHeaders,
        peer: socket.remoteAddress,
        signals: [leaving.signal],
        readBody: async (maxBytes) => (read = await body.read(maxBytes)),
        answerInstead: this.#page && ((exchange) => /** @type {Page} */ (this.#page).answer(exchange)),
      })) ??
      refused("400 Bad Request");
    await send(request, response, answered, read === "too-slow" || this.#connections.isStopping, this.#limits.heartbeat);
    await Promise.all([ended, body.end]);
    if (read === "broken-off") socket.destroySoon();
  }
}

/** The answer to a request that the native server does not accept, although the parser of Node does. @param {IncomingMessage} request */
function refusalOf({ url = "", rawHeaders, headers }) {
  if (rawHeaders.length > 2 * MAX_HEADERS) return refused("431 Request Header Fields Too Large");
  if (url.length >= TOO_LONG) return refused("414 URI Too Long");
  // Where such a body ends is not known.
  const coding = headers["transfer-encoding"];
  return coding !== undefined && !/(^|,)\s*chunked$/i.test(coding) ? refused("400 Bad Request") : undefined;
}

/** An answer without a body, after which the connection is closed. @param {string} status with its words */
function refused(status) {
  const [number, ...words] = status.split(" ");
  return { status: Number(number), reason: words.join(" "), headers: ["connection", "close", "content-length", "0"], body: new Uint8Array() };
}
