// @ts-check
// The transport for Node.
import { request } from "node:http";
import { text } from "node:stream/consumers";

/**
 * Sends a request with `node:http`, on a connection of its own: a test may replace the global `fetch` or count the connections of
 * its agent.
 *
 * @type {import("../control/transport.js").Send}
 */
export function sendWithHttp(url, { method, headers, body, signal }) {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, signal: signal ?? undefined, agent: false });
    outgoing.on("error", reject);
    outgoing.once("response", (response) =>
      resolve({
        status: Number(response.statusCode),
        text: () => text(response),
        chunks: () => response.setEncoding("utf8"),
        keepAlive: (isNeeded) => void (isNeeded ? outgoing.socket?.ref() : outgoing.socket?.unref()),
      }),
    );
    outgoing.end(body);
  });
}
