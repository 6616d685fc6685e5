// @ts-check
// The entry `telematics-mock/worker`: the mock as a service worker, which answers the requests of pages.
import { createMock } from "./index.js";
import { bytes } from "./wasm/bytes.js";
import { optionsOf } from "./worker/options.js";
import { ServedMock } from "./worker/served-mock.js";
import { listen } from "./worker/listening.js";
import { StoredState } from "./worker/stored-state.js";

/**
 * @import { WorkerScope } from "./worker/scope.d.ts"
 * @import * as Entry from "./worker.d.ts"
 */

/** @type {typeof Entry.serveMock} */
export function serveMock(options = {}) {
  const worker = /** @type {WorkerScope} */ (/** @type {unknown} */ (globalThis));
  const { scope } = worker.registration;
  const merged = optionsOf(options, worker.location.href, scope);
  const store = new StoredState(scope, merged.url);
  // A worker that loaded the file by itself could not start again once the server of the page is gone.
  const start = () => createMock({ wasm: Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0)), ...merged });
  listen(worker, merged.url, new ServedMock(start, store));
}
