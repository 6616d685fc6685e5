// @ts-check
// The errors of the calls of the service. The class stays inside this entry, so that no error of the app passes for one of them.
import { UserServiceError } from "../errors.js";

/** @import { ErrorCode, UserServiceError as PublicError } from "../server.d.ts" */

class ServiceCallError extends UserServiceError {}

/**
 * @param {ErrorCode} code
 * @param {string} message
 * @param {{ cause?: unknown } & Partial<Pick<PublicError, "status" | "title" | "fields" | "retryAfterSeconds">>} [details]
 */
export function serviceError(code, message, details) {
  return new ServiceCallError({ code, message, cause: undefined, ...details });
}

/**
 * The error if a call of the service made it; `undefined` for what a function of the app threw.
 *
 * @param {unknown} error
 */
export function asServiceError(error) {
  return error instanceof ServiceCallError ? /** @type {PublicError} */ (/** @type {unknown} */ (error)) : undefined;
}

/**
 * The error in one line, with the code of a failed connection, such as ECONNREFUSED. The messages of causes are left out: they may
 * contain anything.
 *
 * @param {PublicError} error
 */
export function lineOf({ message, cause }) {
  const code = codeOf(cause) ?? codeOf(Object(cause).cause);
  return code ? `${message} (${code})` : message;
}

/** @param {unknown} cause */
function codeOf(cause) {
  const { code } = Object(cause);
  return typeof code === "string" && /^\w+$/.test(code) ? code : undefined;
}
