// @ts-check
// The body of a request, within the limits of time and size.
import { Buffer } from "node:buffer";

/**
 * @import { IncomingMessage } from "node:http"
 * @import { RequestBody } from "../exchange.js"
 *
 * @typedef {object} IncomingBody
 * @property {(maxBytes: number) => RequestBody | Promise<RequestBody>} read reads the body; the rest of a larger one is discarded in the background
 * @property {() => boolean} breakOff the body is not valid HTTP from here on; `false` if it has ended already
 * @property {Promise<void>} end resolves once nothing of the body is waited for
 *
 * @typedef {object} Limits times in milliseconds
 * @property {number} bodyPause
 * @property {number} body
 * @property {number} maxDiscardedBytes
 */

/** Whether a request has a body, which may be empty. @param {IncomingMessage} request */
const hasBody = ({ headers }) => headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/**
 * @param {IncomingMessage} request
 * @param {Limits} limits
 * @param {() => void} begin called before the body is waited for
 * @returns {IncomingBody}
 */
export function readBody(request, limits, begin) {
  if (!hasBody(request)) return { read: () => new Uint8Array(), breakOff: () => false, end: Promise.resolve() };
  /** @type {(body: RequestBody) => void} */
  let settle;
  /** @type {() => void} */
  let finish;
  /** @type {Promise<RequestBody>} */
  const whole = new Promise((resolve) => (settle = resolve));
  /** @type {Promise<void>} */
  const end = new Promise((resolve) => (finish = resolve));
  let [isRead, isBroken] = [false, false];
  const read = (/** @type {number} */ maxBytes) => {
    if (isBroken) return "broken-off";
    isRead = true;
    begin();
    /** @type {Buffer[]} */
    const parts = [];
    let length = 0;
    const over = (/** @type {RequestBody} */ body) => {
      for (const timer of timers) clearTimeout(timer);
      request.off("data", add);
      settle(body);
      finish();
    };
    const late = () => {
      // The rest of a body that is too large is not waited for any longer.
      if (length > maxBytes || maxBytes === 0) request.socket.destroy();
      request.pause();
      over("too-slow");
    };
    const pause = setTimeout(late, limits.bodyPause);
    const timers = [pause, setTimeout(late, limits.body)];
    const add = (/** @type {Buffer} */ part) => {
      pause.refresh();
      length += part.length;
      if (length <= maxBytes) parts.push(part);
      else settle("too-large");
      if (length > maxBytes + limits.maxDiscardedBytes) request.socket.destroy();
    };
    request.on("data", add);
    request.once("end", () => over(Buffer.concat(parts)));
    request.once("close", () => over("broken-off"));
    request.once("error", () => over("broken-off"));
    request.once("broken-off", () => over("broken-off"));
    if (maxBytes === 0) settle("too-large");
    return whole;
  };
  return {
    read,
    breakOff() {
      isBroken = !request.complete;
      if (isBroken) request.emit("broken-off");
      return isBroken;
    },
    get end() {
      return isRead ? end : Promise.resolve();
    },
  };
}
