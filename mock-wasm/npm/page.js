// @ts-check
// The entry `telematics-mock/page`: the control client for pages, which have `fetch` and no `node:http`; and the start of the mock in
// a service worker.
import { ControlApi } from "./control/control-api.js";
import { Connection } from "./control/controls.js";
import { registerWorker } from "./worker/registration.js";

export { MockServerError } from "./control/errors.js";

/** @type {typeof import("./page.d.ts").connectMockServer} */
export function connectMockServer(url, { controlToken } = {}) {
  return new Connection(new ControlApi(url, sendWithFetch, controlToken));
}

/** @type {typeof import("./page.d.ts").startMockWorker} */
export async function startMockWorker(options = {}) {
  const { registration, url } = await registerWorker(options);
  return Object.assign(connectMockServer(url), { registration });
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
