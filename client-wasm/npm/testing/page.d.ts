/**
 * The control client of the mock server for pages, which send with `fetch`: it reaches a server that already runs.
 *
 * @packageDocumentation
 */

export { connectMockServer, MockServerError } from "../testing.js";
export type * from "../testing.js";
