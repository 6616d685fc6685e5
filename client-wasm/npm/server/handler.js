// @ts-check
// The handler for frameworks that use the `Request` and `Response` of the web platform.
import { signIn } from "./sign-in.js";

/** @import * as Server from "../server.d.ts" */

/** @type {typeof Server.createSignInHandler} */
export function createSignInHandler(options) {
  const answerTo = signIn(options);
  return async (request) => {
    const { method, url, headers: received, signal } = request;
    const host = received.get("Host") ?? new URL(url).host;
    const { status, headers, body } = await answerTo({ method, host, header: (name) => received.get(name), signal }, request);
    return new Response(body, { status, headers });
  };
}
