/**
 * The control client of the mock server for pages, which send with `fetch`: it reaches a server that already runs.
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
