/**
 * The mock as a service worker: pages from a static file server have a user service without a server.
 *
 * @packageDocumentation
 */

import type { MockOptions } from "./index.js";

export type { InitialAdmin, InitialInstance, InitialUser, MockOptions } from "./index.js";

/** How {@link serveMock} makes the mock. */
export interface ServeOptions extends Omit<MockOptions, "wasm"> {
  /**
   * The address at which the mock answers, relative to the scope of the worker; `mock` by default. It can be that of the real service: the
   * worker answers in its place.
   */
  url?: string | URL;
}

/**
 * Answers the requests of the worker's pages below the address of the mock. Call it while the script of the worker is evaluated. The
 * options `url`, `seed` and `clock` can also come from `startMockWorker` of `telematics-mock/page`; those given here win.
 *
 * The worker takes the place of an earlier one at once (`skipWaiting`), and the pages that are open too (`clients.claim`).
 *
 * The state is stored in IndexedDB after each change, before the request is answered. A worker that starts again continues with it, so the
 * options for the first state (`users`, `instances`, `admins`, `settings`, `seed`, `clock`) count for a fresh state and after a reset.
 *
 * @example
 * // The script of the worker.
 * import { serveMock } from "telematics-mock/worker";
 * serveMock({ settings: { loginTokenSeconds: 60 } });
 */
export function serveMock(options?: ServeOptions): void;
