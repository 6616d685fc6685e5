/**
 * The control client of the mock server for pages, which send with `fetch`: it reaches a server that already runs, and starts the mock in
 * a service worker.
 *
 * @packageDocumentation
 */

import type { ConnectOptions, MockServerConnection } from "./control.js";

export * from "./control.js";

/**
 * Controls a server that already runs. Sends no request until a method is called.
 *
 * @example
 * const mine = await connectMockServer("http://127.0.0.1:4600").createInstance();
 */
export function connectMockServer(url: string | URL, options?: ConnectOptions): MockServerConnection;

/** How {@link startMockWorker} registers the worker. */
export interface MockWorkerOptions {
  /**
   * The address of the worker's script: `telematics-mock-worker.js` of the package, copied to the files of the site, or a script that calls
   * `serveMock` of `telematics-mock/worker`. Relative to the page; `telematics-mock-worker.js` by default.
   */
  script?: string | URL;
  /** The pages whose requests the worker sees: those below this address; by default those below the folder of the script. */
  scope?: string | URL;
  /** `"module"` for a script with imports; `"classic"` by default. */
  type?: WorkerType;
  /**
   * The address at which the mock answers, relative to the scope; `mock` by default. It can be that of the real service: the worker
   * answers in its place. A script with an address of its own keeps it, and so it does with the options below.
   */
  url?: string | URL;
  /** Makes tokens and passwords repeatable, and therefore guessable; random by default. */
  seed?: number | bigint;
  /** Freezes the clock of a fresh state at this time (ISO 8601 if it is text); by default the clock shows the time of the browser. */
  clock?: string | Date;
}

/** A mock in a service worker. All pages of the worker share it. */
export interface MockWorker extends MockServerConnection {
  /** The registration of the worker. Its `unregister()` ends the mock once its pages are closed; the stored state stays. */
  readonly registration: ServiceWorkerRegistration;
}

/**
 * Starts the mock in a service worker, unless it runs, and resolves once it answers this page. Its state survives a reload. Rejects with
 * a `MockServerError` if the browser has no service workers for this page, or if the script cannot be loaded.
 *
 * @example
 * const mock = await startMockWorker();
 * const client = await UserServiceClient.create({ baseUrl: mock.url, instanceId, instanceKey });
 */
export function startMockWorker(options?: MockWorkerOptions): Promise<MockWorker>;
