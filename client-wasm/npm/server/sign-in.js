// @ts-check
// Answers the requests of keyless clients, for every framework.
import { answer, failed, problem, tooManyRequests } from "./answers.js";
import { readOptions } from "./options.js";
import { corsHeaders, isAdmitted, isListed, preflightHeaders } from "./origin.js";
import { checkAccount, registerAccount } from "./registration.js";
import { userService } from "./service.js";
import { asServiceError, lineOf, serviceError } from "./service-error.js";
import { sharedCalls } from "./shared-calls.js";

/**
 * @import { Credentials } from "../index.d.ts"
 * @import * as Server from "../server.d.ts"
 * @import { Answer } from "./answers.js"
 *
 * The parts of a request that every framework has.
 *
 * @typedef {object} Head
 * @property {string} method
 * @property {string | null} host the host that the browser called
 * @property {(name: string) => string | null} header
 * @property {AbortSignal} signal aborts when the browser no longer waits
 */

/**
 * Returns a function that answers a request. `request` is the framework's own, for the functions of the app.
 *
 * @template Req
 * @param {Server.SignInOptions<Req>} given
 * @returns {(head: Head, request: Req) => Promise<Answer>}
 */
export function signIn(given) {
  const options = readOptions(given);
  const { deviceTokenOf, newUserOf, onRegister, rateLimit, allowedOrigins } = options;
  const service = userService(options);
  /** @type {ReturnType<typeof sharedCalls<Credentials | null>>} */
  const share = sharedCalls();

  return async (head, request) => {
    const origin = head.header("Origin");
    const { status, headers, body } = await answerTo(head, origin, request);
    return { status, headers: { ...headers, ...corsHeaders(origin, allowedOrigins) }, body };
  };

  /** @param {Head} head @param {string | null} origin @param {Req} request */
  async function answerTo({ method, host, header, signal }, origin, request) {
    if (method === "OPTIONS" && isListed(origin, allowedOrigins)) {
      return answer(204, null, preflightHeaders(header("Access-Control-Request-Headers")));
    }
    if (method !== "POST") return problem(405, "Use POST.", { Allow: allowedOrigins.length ? "POST, OPTIONS" : "POST" });
    if (!isAdmitted({ site: header("Sec-Fetch-Site"), origin, host }, allowedOrigins)) {
      return problem(403, "Pages of this origin may not sign in here.");
    }
    try {
      return await signInOf(request, signal);
    } catch (error) {
      await report(error, request);
      return failed(error);
    }
  }

  /** @param {Req} request @param {AbortSignal} signal */
  async function signInOf(request, signal) {
    const deviceToken = await knownUser(request);
    const account = deviceToken ? null : checkAccount(await newUserOf?.(request));
    if (!deviceToken && !account) return problem(401, "No user is signed in.");
    const wait = checkWait(await rateLimit?.({ request, deviceToken, accountId: account?.accountId ?? null }));
    if (wait) return tooManyRequests(wait === true ? undefined : wait);
    const credentials = account ? await register(account, request, signal) : await login(String(deviceToken), signal);
    if (credentials) return answer(200, credentials);
    await report(serviceError("not-found", "The service does not know the user of this device token."), request);
    return problem(401, "The user service does not know this user.");
  }

  /** @param {Req} request */
  async function knownUser(request) {
    const deviceToken = (await deviceTokenOf(request)) || null;
    if (deviceToken !== null && typeof deviceToken !== "string") throw new TypeError("deviceTokenOf must return a string or null.");
    return deviceToken;
  }

  /** @param {string} deviceToken @param {AbortSignal} signal */
  function login(deviceToken, signal) {
    return share(`user ${deviceToken}`, (aborted) => service.login(deviceToken, aborted), signal);
  }

  /** @param {Server.AccountUser} account @param {Req} request @param {AbortSignal} signal */
  function register(account, request, signal) {
    const task = async (/** @type {AbortSignal} */ aborted) => {
      // Another request may have registered the account since this one asked for its device token.
      const known = await knownUser(request);
      return known ? service.login(known, aborted) : registerAccount({ service, account, request, onRegister });
    };
    return share(`account ${account.accountId}`, task, signal);
  }

  /** Tells the operator about a failure. @param {unknown} error @param {Req} request */
  async function report(error, request) {
    const known = asServiceError(error);
    // Neither is a fault: the browser no longer waits, or the user is deactivated.
    if (known?.code === "aborted" || known?.code === "forbidden") return;
    if (!options.onError) return console.error("telematics-user-client/server:", known ? lineOf(known) : error);
    try {
      await options.onError(error, request);
    } catch (thrown) {
      console.error("telematics-user-client/server: onError failed:", thrown);
    }
  }
}

/** Checks what `rateLimit` returned, so that a mistake does not switch the limit off. @param {unknown} wait */
function checkWait(wait) {
  const isNothing = wait === undefined || wait === null;
  if (isNothing || typeof wait === "boolean") return wait;
  if (typeof wait === "number" && Number.isFinite(wait) && wait >= 0) return wait;
  throw new TypeError("rateLimit must return a number of seconds from 0, a boolean, or nothing.");
}
