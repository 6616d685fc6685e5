// @ts-check
// The handler for Express, `node:http` and `node:http2`.
import { signIn } from "./sign-in.js";

/** @import * as Server from "../server.d.ts" */

/** @type {typeof Server.createSignInMiddleware} */
export function createSignInMiddleware(options) {
  const answerTo = signIn(options);
  return async (request, response) => {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const header = (/** @type {string} */ name) => first(request.headers[name.toLowerCase()]);
    const head = { method: request.method ?? "", host: hostOf(request), header, signal: gone.signal };
    const { status, headers, body } = await answerTo(head, request);
    // For example because a middleware that limits the time has answered.
    if (response.headersSent) return;
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (body === null) response.end();
    else response.end(body);
  };
}

/**
 * The host that the browser called. Express decides by its setting "trust proxy" whether a proxy may name it, and shows the result as
 * `hostname`, which has no port.
 *
 * @param {Server.NodeRequest} request
 */
function hostOf({ headers, hostname }) {
  const forwarded = first(headers["x-forwarded-host"])?.split(",")[0]?.trim();
  const isTrusted = forwarded && hostname !== undefined && withoutPort(forwarded) === hostname;
  // HTTP/2 has `:authority` in place of the header `Host`.
  return isTrusted ? forwarded : first(headers.host ?? headers[":authority"]);
}

/** @param {string} host */
function withoutPort(host) {
  return host.replace(/:\d+$/, "");
}

/** @param {string | string[] | undefined} value */
function first(value) {
  return (typeof value === "object" ? value[0] : value) ?? null;
}
