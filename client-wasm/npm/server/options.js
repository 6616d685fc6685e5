// @ts-check
// The options of a sign-in handler: checked once, when the app creates the handler.
import { failure } from "../errors.js";

/** @import * as Server from "../server.d.ts" */

const DEFAULT_TIMEOUT_MS = 10_000;
/** The longest delay of a timer, in milliseconds. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const isFunction = (/** @type {unknown} */ value) => typeof value === "function";
export const isUuid = (/** @type {unknown} */ value) => typeof value === "string" && UUID.test(value);

/**
 * What each option must be. An option with `optional` may be absent.
 *
 * @type {Record<keyof Server.SignInOptions, { must: string, holds: (value: unknown) => boolean, optional?: true }>}
 */
const RULES = {
  serviceUrl: { must: "be an http(s) address without credentials, query or fragment", holds: isServiceUrl },
  instanceId: { must: "be a UUID", holds: isUuid },
  instanceKey: { must: "be a UUID", holds: isUuid },
  deviceTokenOf: { must: "be a function", holds: isFunction },
  newUserOf: { must: "be a function", holds: isFunction, optional: true },
  onRegister: { must: "be a function", holds: isFunction, optional: true },
  rateLimit: { must: "be a function", holds: isFunction, optional: true },
  onError: { must: "be a function", holds: isFunction, optional: true },
  fetch: { must: "be a function", holds: isFunction, optional: true },
  allowedOrigins: {
    must: "be a list of origins such as https://app.example, without a path",
    holds: (value) => Array.isArray(value) && value.every(isOrigin),
    optional: true,
  },
  timeoutMs: {
    must: `be a whole number from 1 to ${MAX_TIMEOUT_MS}`,
    holds: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_TIMEOUT_MS,
    optional: true,
  },
};

/**
 * Checks the options and adds the defaults. An error names the option and never its value, which may be a secret.
 *
 * @template Req
 * @param {Server.SignInOptions<Req>} options
 */
export function readOptions(options) {
  if (typeof options !== "object" || options === null) throw invalid("options must be an object.");
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(RULES, name));
  if (unknown !== undefined) throw invalid(`${unknown} is not an option.`);
  for (const [name, { must, holds, optional }] of Object.entries(RULES)) {
    const value = options[/** @type {keyof Server.SignInOptions} */ (name)];
    if (!(optional && value === undefined) && !holds(value)) throw invalid(`${name} must ${must}.`);
  }
  if (!options.newUserOf !== !options.onRegister) throw invalid("newUserOf and onRegister need each other.");
  const { allowedOrigins = [], timeoutMs = DEFAULT_TIMEOUT_MS, serviceUrl } = options;
  return { ...options, allowedOrigins, timeoutMs, serviceUrl: serviceUrl.replace(/\/+$/, "") };
}

/** @param {unknown} value */
function isServiceUrl(value) {
  const url = parsed(value);
  return /^https?:$/.test(url?.protocol ?? "") && !/[?#@\s]/.test(String(value));
}

/**
 * Whether the value is an origin as browsers spell it. Apps in a web view have schemes of their own, such as `capacitor://localhost`.
 *
 * @param {unknown} value
 */
function isOrigin(value) {
  const url = parsed(value);
  return url !== undefined && `${url.protocol}//${url.host}` === value && /^[^*]+$/.test(url.host);
}

/** @param {unknown} value */
function parsed(value) {
  return typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
}

/** @param {string} message */
function invalid(message) {
  return failure("invalid-argument", message);
}
