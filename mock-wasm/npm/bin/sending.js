// @ts-check
// Sends an answer as the native server does: the same headers in the same order, and none that Node would add.
import { pieces } from "../exchange.js";

/**
 * @import { IncomingMessage, ServerResponse } from "node:http"
 * @import { Answer } from "../exchange.js"
 */

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {Answer} answer
 * @param {boolean} closes whether the connection is closed afterwards
 * @param {number} heartbeat the longest time without a byte of a stream of events, in milliseconds
 */
export async function send(request, response, answer, closes, heartbeat) {
  const { socket } = request;
  if (answer.closed) return void (answer.closed === "reset" ? socket.resetAndDestroy() : socket.destroy());
  const { status, reason, body, file } = answer;
  const headers = [...answer.headers];
  addConnection(request, response, headers, closes);
  const isWhole = body instanceof Uint8Array && !file;
  if (!isWhole && value(headers, "content-length") === undefined && request.httpVersion !== "1.0") headers.push("transfer-encoding", "chunked");
  response.sendDate = false;
  // Otherwise Node adds its own.
  for (const name of ["connection", "transfer-encoding"]) response.removeHeader(name);
  response.writeHead(status, reason, headers);
  if (isWhole) return void response.end(body);
  response.flushHeaders();
  const beats = value(headers, "content-type") === "text/event-stream" ? setInterval(() => response.write(":\n\n"), heartbeat) : undefined;
  const parts = file?.[Symbol.asyncIterator]() ?? pieces(body);
  const closed = new Promise((resolve) => response.once("close", resolve)).then(() => void parts.return?.());
  try {
    for (let part = await parts.next(); !part.done && !response.closed; part = await parts.next()) {
      beats?.refresh();
      if (!response.write(part.value)) await Promise.race([new Promise((resolve) => response.once("drain", resolve)), closed]);
    }
    response.end();
  } catch {
    // A fault, or a file that cannot be read, breaks the body off: the client gets what was sent.
    socket.destroySoon();
  } finally {
    clearInterval(beats);
  }
}

/**
 * Adds the header `connection` where the native server writes it: after those of the core, and before the length.
 *
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {string[]} headers
 * @param {boolean} closes
 */
function addConnection(request, response, headers, closes) {
  if (value(headers, "connection") !== undefined) return;
  const isOld = request.httpVersion === "1.0";
  const goesOn = response.shouldKeepAlive && !closes;
  if (!goesOn) response.shouldKeepAlive = false;
  if (goesOn === !isOld) return;
  const end = headers.at(-2) === "content-length" ? headers.length - 2 : headers.length;
  headers.splice(end, 0, "connection", goesOn ? "keep-alive" : "close");
}

/** @param {string[]} headers names and values in turn @param {string} name */
function value(headers, name) {
  const at = headers.findIndex((text, index) => index % 2 === 0 && text === name);
  return at < 0 ? undefined : headers[at + 1];
}
