// @ts-check
// The answers of a sign-in handler. The client ends its session after 400, 401, 404, 419 and 422, and keeps it after any other failure.
import { asServiceError } from "./service-error.js";

/**
 * An answer that does not depend on the framework.
 *
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, string>} headers
 * @property {string | null} body
 */

/**
 * @param {number} status
 * @param {object | null} content becomes the JSON body
 * @param {Record<string, string>} [headers]
 * @returns {Answer}
 */
export function answer(status, content, headers) {
  const type = content && { "Content-Type": "application/json" };
  return { status, headers: { "Cache-Control": "no-store", ...type, ...headers }, body: content && JSON.stringify(content) };
}

/** @param {number} status @param {string} error one sentence @param {Record<string, string>} [headers] */
export function problem(status, error, headers) {
  return answer(status, { error }, headers);
}

/** The longest wait in `Retry-After`, in seconds: a day. A client that comes back too early is refused again. */
const MAX_WAIT = 86_400;

/** A 429; with a number of seconds it says when to try again. @param {number} [seconds] */
export function tooManyRequests(seconds) {
  /** @type {Record<string, string>} */
  const headers = seconds === undefined ? {} : { "Retry-After": String(Math.min(Math.ceil(seconds), MAX_WAIT)) };
  return problem(429, "There were too many requests.", headers);
}

/**
 * The answer to a request whose handling has failed. It never ends the session, because no failure shows that the user is unknown,
 * and it contains nothing of the error.
 *
 * @param {unknown} error
 */
export function failed(error) {
  const known = asServiceError(error);
  switch (known?.code) {
    case "forbidden":
      return problem(403, "The user may not sign in now.");
    case "rate-limited":
      return tooManyRequests(known.retryAfterSeconds);
    case "aborted":
      return problem(503, "The request was aborted.");
    case "timeout":
      return problem(504, "The user service did not answer in time.");
    case "network":
    case "service":
    case "decode":
    case "not-found":
      return problem(502, "The user service failed.");
    default:
      // The service rejected the key or the content of the request, or a function of the app failed.
      return problem(500, "This server failed. Its log has the reason.");
  }
}
