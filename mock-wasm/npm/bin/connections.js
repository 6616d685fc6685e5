// @ts-check
// The connections of the server: which of them are busy, and how those end that never send a whole request.
import { lateHead } from "./module.js";

/**
 * @import { Server as HttpServer } from "node:http"
 * @import { Socket } from "node:net"
 *
 * @typedef {object} Activity what a connection is doing
 * @property {number} requests the number of requests that are being answered, or whose bodies are being discarded
 * @property {Promise<void>} last the end of the last one
 * @property {() => boolean} breakOff ends the body that is being received; `false` if there is none
 * @property {string} farewell what the client is told after the last answer, before the connection is closed
 */

/** The answers to a head that is not HTTP, by the code of the parser: the same bytes as those of the native server. */
const REFUSALS = new Map([["HPE_HEADER_OVERFLOW", "431 Request Header Fields Too Large"]]);
const BAD_REQUEST = "400 Bad Request";

/** The bytes of an answer without a body, after which the connection is closed. @param {string} status */
const refusal = (status) => `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;

/** No further requests of a connection are read while this many wait for their turn. */
const MAX_WAITING = 64;

export class Connections {
  /** @type {Map<Socket, Activity>} */
  #open = new Map();
  #isStopping = false;
  /** @type {(() => void) | undefined} */
  #finished;

  /** @param {HttpServer} http */
  constructor(http) {
    http.on("connection", (socket) => this.#accept(socket));
    http.on("timeout", (socket) => void (this.#isBusy(socket) || socket.destroy()));
    http.on("clientError", (error, socket) => this.#refuse(/** @type {Socket} */ (socket), /** @type {NodeJS.ErrnoException} */ (error).code ?? ""));
  }

  /** Whether the server takes no further requests. */
  get isStopping() {
    return this.#isStopping;
  }

  /** @param {Socket} socket */
  #accept(socket) {
    this.#open.set(socket, { requests: 0, last: Promise.resolve(), breakOff: () => false, farewell: "" });
    socket.once("close", () => {
      this.#open.delete(socket);
      if (this.#open.size === 0) this.#finished?.();
    });
  }

  /** @param {Socket} socket */
  #isBusy(socket) {
    return (this.#open.get(socket)?.requests ?? 0) > 0;
  }

  /**
   * Does the work of a request once the last one of the connection has ended, unless the client has gone: it may send several before it
   * reads.
   *
   * @param {Socket} socket
   * @param {() => boolean} breakOff ends the body of the request; `false` if it has ended already
   * @param {() => Promise<void>} work
   */
  async inTurn(socket, breakOff, work) {
    const activity = this.#open.get(socket);
    if (!activity) return;
    activity.requests += 1;
    activity.breakOff = breakOff;
    limitWaiting(socket, activity);
    activity.last = activity.last.then(() => (socket.destroyed ? undefined : work()));
    await activity.last;
    activity.requests -= 1;
    if (activity.requests === MAX_WAITING) socket.resume();
    limitWaiting(socket, activity);
    if (activity.requests > 0) return;
    if (activity.farewell) socket.end(activity.farewell);
    if (this.#isStopping || activity.farewell) socket.destroySoon();
  }

  /** Closes idle connections, and resolves once the others have ended. @returns {Promise<void>} */
  finish() {
    this.#isStopping = true;
    for (const socket of this.#open.keys()) if (!this.#isBusy(socket)) socket.destroy();
    return new Promise((resolve) => {
      this.#finished = resolve;
      if (this.#open.size === 0) resolve();
    });
  }

  /** @param {Socket} socket @param {string} code of the error */
  #refuse(socket, code) {
    const activity = this.#open.get(socket);
    const status = code.startsWith("HPE_") && code !== "HPE_INVALID_EOF_STATE" ? (REFUSALS.get(code) ?? BAD_REQUEST) : undefined;
    if (activity && activity.requests > 0) {
      if (!activity.breakOff() && status) activity.farewell = refusal(status);
      return;
    }
    if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
      // Node counts the time before the first byte too.
      if (socket.bytesRead === 0) return;
      socket.end(lateHead());
    } else if (status) {
      socket.end(refusal(status));
    }
    socket.destroySoon();
  }
}

/**
 * Reads no further requests of a connection while too many wait. Those that have arrived together are already parsed, so that there may be
 * more. Node reads on by itself after each request, so this comes later.
 *
 * @param {Socket} socket
 * @param {Activity} activity
 */
function limitWaiting(socket, activity) {
  const isOver = () => activity.requests > MAX_WAITING;
  if (isOver()) setImmediate(() => void (isOver() && socket.pause()));
}
