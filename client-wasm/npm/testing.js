// @ts-check
// The entry `telematics-user-client/testing`: starts the mock server and controls it, for tests in Node. No page loads this file.
export { MockServerError } from "./testing/errors.js";
export { connectMockServer, startMockServer } from "./testing/server.js";
