// @ts-check
// The entry `telematics-mock/page`: the control client for pages, which have `fetch` and no `node:http`.
import { ControlApi } from "./control/control-api.js";
import { Connection } from "./control/controls.js";

export { MockServerError } from "./control/errors.js";

/** @type {typeof import("./page.d.ts").connectMockServer} */
export function connectMockServer(url, { controlToken } = {}) {
  return new Connection(new ControlApi(url, sendWithFetch, controlToken));
}

/** @type {import("./control/transport.js").Send} */
async function sendWithFetch(url, request) {
  const response = await fetch(url, { ...request, cache: "no-store" });
  return { status: response.status, text: () => response.text(), chunks: () => chunksOf(response) };
}

/** @param {Response} response */
async function* chunksOf({ body }) {
  if (!body) return;
  // Not every browser can iterate over a stream.
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
}
