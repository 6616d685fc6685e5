// @ts-check
// `fetch` that a mock in this program answers.
import { answer, onAbort, pieces, unlessAborted } from "./exchange.js";

/**
 * @import { Answer } from "./exchange.js"
 * @import { Mock } from "./wasm/mock_bg.js"
 *
 * @typedef {object} RunningMock
 * @property {() => Mock} engine throws if the mock was freed
 * @property {AbortSignal} ended aborted when the mock is freed
 */

/** The statuses that lead to another address (Fetch standard, "redirect status"). */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** The statuses whose responses have no body (Fetch standard, "null body status"). */
const WITHOUT_BODY = new Set([204, 205, 304]);
/** The number of redirects that are followed, as in the Fetch standard. */
const MAX_REDIRECTS = 20;

/**
 * A function like the global `fetch` for addresses below `base`.
 *
 * @param {RunningMock} mock
 * @param {string} base without a slash at the end
 * @returns {(input: RequestInfo | URL, init?: RequestInit) => Promise<Response>}
 */
export function fetchFrom(mock, base) {
  return async (input, given) => {
    const init = given ?? {};
    // Not handed to Request: the signal of a simulated browser would be refused by the Request of Node.
    const { signal = isRequest(input) ? input.signal : null, ...rest } = init;
    const own = !isRequest(input) ? addressOf(input, base) : input instanceof Request ? input : await ownRequest(input);
    const request = new Request(own, rest);
    return follow(mock, base, request, signal, 0);
  };
}

/** Whether a value is a request, also one of another library or realm. @param {RequestInfo | URL} input @returns {input is Request} */
function isRequest(input) {
  return typeof input === "object" && "url" in input && "headers" in input;
}

/**
 * The same request of the class that this realm has: simulated browsers and libraries for HTTP have others.
 *
 * @param {Request} request
 */
async function ownRequest(request) {
  const { url, method, redirect } = request;
  const headers = new Headers();
  request.headers.forEach((value, name) => headers.append(name, value));
  const body = request.body ? new Uint8Array(await request.arrayBuffer()) : null;
  return new Request(url, { method, headers, body, redirect });
}

/** The address of a request; a path alone is below `base`. @param {string | URL} input @param {string} base */
function addressOf(input, base) {
  return typeof input === "string" && /^\/(?!\/)/.test(input) ? base + input : new URL(input, `${base}/`);
}

/** Whether an address is below `base`. @param {string} base @param {string} url */
export function isBelow(base, url) {
  return url.startsWith(base) && ["", "/", "?", "#"].includes(url.charAt(base.length));
}

/**
 * @param {RunningMock} mock
 * @param {string} base
 * @param {Request} request
 * @param {AbortSignal | null} signal
 * @param {number} redirects
 * @returns {Promise<Response>}
 */
async function follow(mock, base, request, signal, redirects) {
  const { url } = request;
  if (!isBelow(base, url)) throw failed(new Error(`${url} is not below ${base}, the address of this mock`));
  // A redirect may have to send the body again.
  const signals = [signal, mock.ended];
  for (const given of signals) given?.throwIfAborted();
  const body = request.body === null ? new Uint8Array() : new Uint8Array(await unlessAborted(signals, request.arrayBuffer()));
  const { pathname, search } = new URL(url);
  const headers = [...request.headers].flat();
  if (!request.headers.has("host")) headers.push("host", new URL(url).host);
  const answered = await answer(mock.engine(), {
    method: request.method,
    target: (pathname.slice(new URL(base).pathname.replace(/\/$/, "").length) || "/") + search,
    headers,
    readBody: (maxBytes) => (body.length > maxBytes ? "too-large" : body),
    signals,
  });
  if (!answered) throw failed(new Error("the request is not valid HTTP"));
  if (answered.closed) throw failed(new Error(answered.closed === "reset" ? "the connection was reset" : "the connection was closed before an answer"));
  const response = asResponse(answered, request, signal, mock.ended, redirects > 0);
  const location = response.headers.get("location");
  if (!REDIRECTS.has(response.status) || location === null || request.redirect === "manual") return response;
  if (request.redirect === "error" || redirects >= MAX_REDIRECTS) throw failed(new Error("a redirect is not allowed"));
  await response.body?.cancel();
  return follow(mock, base, redirected(request, body, response.status, new URL(location, url)), signal, redirects + 1);
}

/**
 * The request that follows a redirect (Fetch standard, "HTTP-redirect fetch").
 *
 * @param {Request} request
 * @param {Uint8Array} body
 * @param {number} status
 * @param {URL} url
 */
function redirected(request, body, status, url) {
  const becomesGet = status === 303 ? !["GET", "HEAD"].includes(request.method) : status < 303 && request.method === "POST";
  const headers = new Headers(request.headers);
  if (becomesGet) for (const name of ["content-encoding", "content-language", "content-location", "content-type"]) headers.delete(name);
  const hasBody = !becomesGet && body.length > 0;
  return new Request(url, { method: becomesGet ? "GET" : request.method, headers, redirect: request.redirect, ...(hasBody && { body: /** @type {Uint8Array<ArrayBuffer>} */ (body) }) });
}

/**
 * @param {Answer} answered
 * @param {Request} request
 * @param {AbortSignal | null} signal
 * @param {AbortSignal} ended
 * @param {boolean} redirected
 */
function asResponse({ status, reason, headers: flat, body }, { method, url }, signal, ended, redirected) {
  const headers = new Headers();
  for (let index = 0; index < flat.length; index += 2) headers.append(String(flat[index]), String(flat[index + 1]));
  const isEmpty = method === "HEAD" || WITHOUT_BODY.has(status);
  if (isEmpty && !(body instanceof Uint8Array)) body.free();
  // A stream of events ends with the mock; any other body that has not arrived breaks off.
  const signals = headers.get("content-type") === "text/event-stream" ? [signal] : [signal, ended];
  const content = isEmpty ? null : body instanceof Uint8Array ? /** @type {Uint8Array<ArrayBuffer>} */ (body) : stream(pieces(body), signals);
  const response = new Response(content, { status, statusText: reason, headers });
  // A constructed response has no address.
  Object.defineProperties(response, { url: { value: url.replace(/#.*/, "") }, redirected: { value: redirected } });
  return response;
}

/** @param {AsyncIterableIterator<Uint8Array>} parts @param {readonly (AbortSignal | null)[]} signals */
function stream(parts, signals) {
  let stop = () => {};
  const end = () => {
    stop();
    void parts.return?.();
  };
  return new ReadableStream({
    start(controller) {
      stop = onAbort(signals, (reason) => {
        controller.error(reason);
        end();
      });
    },
    async pull(controller) {
      try {
        const { done, value } = await parts.next();
        if (signals.some((signal) => signal?.aborted)) return;
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (cause) {
        controller.error(new TypeError("terminated", { cause }));
      }
      stop();
    },
    cancel: end,
  });
}

/** The error of `fetch` if no answer arrives. @param {Error} cause */
function failed(cause) {
  return new TypeError("fetch failed", { cause });
}
