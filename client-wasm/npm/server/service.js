// @ts-check
// The calls of the user service.
import { asServiceError, serviceError } from "./service-error.js";

/**
 * @import { Credentials, ErrorCode } from "../index.d.ts"
 * @import * as Server from "../server.d.ts"
 *
 * @typedef {{ method: string, path: string, headers: Record<string, string>, body?: object }} Call
 * @typedef {{ Token?: unknown, ExpiresIn?: unknown } | null} AccessToken
 * @typedef {{ DeviceToken?: unknown, AccessToken?: AccessToken, RefreshToken?: unknown } | null | undefined} Tokens
 */

/** @param {Pick<Server.SignInOptions, "serviceUrl" | "instanceId" | "instanceKey" | "fetch"> & { timeoutMs: number }} options */
export function userService({ serviceUrl, instanceId, instanceKey, timeoutMs, fetch }) {
  const instance = { InstanceId: instanceId };
  const instanceWithKey = { ...instance, InstanceKey: instanceKey };

  /**
   * Makes a call and resolves to the result of the envelope.
   *
   * @param {Call} call
   * @param {AbortSignal} [signal]
   */
  async function send({ method, path, headers, body }, signal) {
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const response = await (fetch ?? globalThis.fetch)(serviceUrl + path, {
        method,
        headers: body ? { ...headers, "Content-Type": "application/json" } : headers,
        body: body ? JSON.stringify(body) : null,
        // A redirect could carry the key to another origin.
        redirect: "manual",
        signal: signal ? AbortSignal.any([limit, signal]) : limit,
      });
      return resultOf(response, await response.text());
    } catch (error) {
      if (asServiceError(error)) throw error;
      if (signal?.aborted) throw serviceError("aborted", "The request was aborted.");
      if (limit.aborted) throw serviceError("timeout", `The service did not answer within ${timeoutMs} ms.`);
      throw serviceError("network", "The service cannot be reached.", { cause: error });
    }
  }

  /**
   * Rejects unless the service accepts the instance key. A failed login does not show which part of it was wrong, so this asks for
   * a user who does not exist, which needs the right key and changes nothing.
   *
   * @param {AbortSignal} signal
   */
  async function checkKey(signal) {
    const path = "/v1/Check/UserExists?ClientId=check-of-the-instance-key";
    await send({ method: "GET", path, headers: instanceWithKey }, signal).catch(explainKey);
  }

  /**
   * Logs a user in; resolves to `null` if the service does not know the user.
   *
   * @param {string} deviceToken
   * @param {AbortSignal} signal
   * @returns {Promise<Credentials | null>}
   */
  async function login(deviceToken, signal) {
    const body = { LoginFields: { Devicetoken: deviceToken }, Password: instanceKey };
    try {
      return credentialsOf(deviceToken, await send({ method: "POST", path: "/v1/Auth/Login", headers: instance, body }, signal));
    } catch (error) {
      if (!hasCode(error, "unauthorized", "not-found")) throw error;
      await checkKey(signal);
      return null;
    }
  }

  /**
   * Registers a user. It is never aborted, because the service may have registered the user already. If the device token that the
   * app has chosen is in use, an earlier attempt has registered the user, who is then logged in.
   *
   * @param {Server.AccountUser["user"]} user
   * @param {string} [deviceToken] the one that the app has chosen
   * @returns {Promise<Credentials>}
   */
  async function register(user = {}, deviceToken) {
    const body = { ...onTheWire(user), CreateAccessToken: true, ...(deviceToken && { CustomToken: deviceToken }) };
    try {
      const call = { method: "POST", path: "/v1/Registration/Create", headers: instanceWithKey, body };
      const tokens = /** @type {Tokens} */ (await send(call).catch(explainKey));
      if (typeof tokens?.DeviceToken !== "string") throw serviceError("decode", "The service registered a user without a device token.");
      return credentialsOf(tokens.DeviceToken, tokens);
    } catch (error) {
      const isInUse = deviceToken && hasCode(error, "validation");
      const known = isInUse && (await login(deviceToken, new AbortController().signal));
      if (known) return known;
      throw error;
    }
  }

  return { login, register };
}

/** @param {unknown} error @param {...ErrorCode} codes */
function hasCode(error, ...codes) {
  const { code } = asServiceError(error) ?? {};
  return code !== undefined && codes.includes(code);
}

/** @param {unknown} error @returns {never} */
function explainKey(error) {
  if (hasCode(error, "unauthorized", "forbidden")) throw serviceError("unauthorized", "The service rejects instanceId and instanceKey.");
  throw error;
}

/**
 * The result of the envelope. A failure can arrive under HTTP 200, so the status of the envelope counts as well.
 *
 * @param {Response} response
 * @param {string} text
 */
function resultOf(response, text) {
  const envelope = parsed(text);
  if (response.ok && typeof envelope?.Status !== "number") throw serviceError("decode", "The answer of the service has no envelope.");
  const status = response.ok ? envelope.Status : response.status;
  if (status >= 200 && status < 300) return /** @type {unknown} */ (envelope.Result);
  throw serviceError(codeOf(status), `The service answered ${status}.`, {
    status,
    title: textOf(envelope?.Title),
    fields: fieldsOf(envelope?.Errors),
    retryAfterSeconds: secondsOf(response.headers.get("Retry-After")),
  });
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {number} status @returns {ErrorCode} */
function codeOf(status) {
  if (status === 401 || status === 419) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 404) return "not-found";
  if (status === 429) return "rate-limited";
  return [400, 413, 415, 422].includes(status) ? "validation" : "service";
}

/** @param {unknown} value */
function textOf(value) {
  return typeof value === "string" ? value : "";
}

/** @param {unknown} errors */
function fieldsOf(errors) {
  return Array.isArray(errors) ? errors.map((entry) => ({ key: textOf(entry?.Key), message: textOf(entry?.Message) })) : [];
}

/** The seconds of `Retry-After`, which may also be a date. @param {string | null} value */
function secondsOf(value) {
  const seconds = /^\d+$/.test(value ?? "") ? Number(value) : Math.ceil((Date.parse(value ?? "") - Date.now()) / 1000);
  return Number.isSafeInteger(seconds) ? Math.max(seconds, 0) : undefined;
}

/** @param {string} deviceToken @param {unknown} result @returns {Credentials} */
function credentialsOf(deviceToken, result) {
  const { AccessToken, RefreshToken } = /** @type {Tokens} */ (result) ?? {};
  const { Token, ExpiresIn } = AccessToken ?? {};
  if (typeof Token !== "string" || typeof ExpiresIn !== "number") throw serviceError("decode", "The answer of the service has no access token.");
  const credentials = { deviceToken, accessToken: Token, expiresIn: ExpiresIn };
  return typeof RefreshToken === "string" ? { ...credentials, refreshToken: RefreshToken } : credentials;
}

/**
 * An object with the names of the service: `firstName` is `FirstName` there, at every depth of plain objects.
 *
 * @param {object} value
 * @returns {Record<string, unknown>}
 */
function onTheWire(value) {
  const named = Object.entries(value).map(([name, field]) => [
    name.charAt(0).toUpperCase() + name.slice(1),
    isPlain(field) ? onTheWire(field) : field,
  ]);
  return Object.fromEntries(named);
}

/** Whether the value is an object without a class, also of another realm, such as in Jest. @param {unknown} value @returns {value is object} */
function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
