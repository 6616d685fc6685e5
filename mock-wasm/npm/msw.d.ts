/**
 * Handlers for Mock Service Worker 2, which a mock in the same program answers.
 *
 * @packageDocumentation
 */

import type { HttpHandler } from "msw";
import type { InProcessMock } from "./index.js";

/**
 * Handlers that answer every request below `mock.url` with the mock, also those to its control API. A fault that loses the answer makes
 * the request fail.
 *
 * @example
 * const mock = await createMock({ url: "https://user.example.com" });
 * const server = setupServer(...mockHandlers(mock));
 */
export function mockHandlers(mock: Pick<InProcessMock, "url" | "fetch">): HttpHandler[];
