// @ts-check
// One request and its answer, between JavaScript and the WebAssembly.

/**
 * @import { BodyStream, Exchange } from "./wasm/mock_bg.js"
 *
 * @typedef {Uint8Array | "too-large" | "broken-off" | "too-slow"} RequestBody
 *
 * @template [Begun=Exchange]
 * @typedef {object} Request a request; its headers are names and values in turn
 * @property {string} method
 * @property {string} target the target of the request line
 * @property {string[]} headers
 * @property {string} [peer] the address of the connection
 * @property {(maxBytes: number) => RequestBody | Promise<RequestBody>} readBody
 * @property {readonly (AbortSignal | null)[]} [signals] the client gives up, or the mock ends
 * @property {(exchange: Begun) => Promise<Answer | undefined>} [answerInstead] an answer that the mock does not make, such as a file
 *
 * @typedef {object} Answer an answer; `closed` alone if a fault closes the connection
 * @property {number} status
 * @property {string} reason the words behind the status
 * @property {string[]} headers names and values in turn
 * @property {Uint8Array | BodyStream} body
 * @property {AsyncIterable<Uint8Array>} [file] what is sent in place of the body: a file, which the mock does not have
 * @property {"end" | "reset"} [closed]
 */

/**
 * Hands a request over and resolves to its answer, or to `undefined` if it is not valid HTTP. Rejects with the reason of a signal.
 *
 * @template {Exchange} Begun
 * @param {{ exchange(method: string, target: string, headers: string[], peer?: string): Begun | undefined }} mock
 * @param {Request<Begun>} request
 * @returns {Promise<Answer | undefined>}
 */
export async function answer(mock, { method, target, headers, peer, readBody, signals = [], answerInstead }) {
  for (const signal of signals) signal?.throwIfAborted();
  const exchange = mock.exchange(method, target, headers, peer);
  if (!exchange) return undefined;
  try {
    const answering = (async () => (await answerInstead?.(exchange)) ?? exchange.answer(await readBody(exchange.maxBodyBytes)))();
    return await unlessAborted(signals, answering);
  } finally {
    exchange.free();
  }
}

/**
 * Settles like the promise, or rejects with the reason of the first signal that is aborted. It leaves no listener.
 *
 * @template T
 * @param {readonly (AbortSignal | null)[]} signals
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export async function unlessAborted(signals, promise) {
  // What it was for may be freed, and then it rejects too.
  promise.catch(() => {});
  let stop = () => {};
  const aborted = new Promise((_, reject) => (stop = onAbort(signals, reject)));
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    stop();
  }
}

/**
 * Calls a function with the reason of the first signal that is aborted. Returns a function that removes the listeners.
 *
 * @param {readonly (AbortSignal | null)[]} signals
 * @param {(reason: unknown) => void} act
 */
export function onAbort(signals, act) {
  const listener = () => act(signals.find((signal) => signal?.aborted)?.reason);
  for (const signal of signals) signal?.addEventListener("abort", listener);
  return () => {
    for (const signal of signals) signal?.removeEventListener("abort", listener);
  };
}

/**
 * The pieces of a body as they arrive. `return` ends the body at once, even while a piece is waited for.
 *
 * @param {Uint8Array | BodyStream} body
 * @returns {AsyncIterableIterator<Uint8Array>}
 */
export function pieces(body) {
  let rest = body instanceof Uint8Array && body.length === 0 ? undefined : body;
  const end = () => {
    if (rest && !(rest instanceof Uint8Array)) rest.free();
    rest = undefined;
  };
  return {
    async next() {
      if (rest instanceof Uint8Array) {
        const value = rest;
        rest = undefined;
        return { done: false, value };
      }
      try {
        const value = await rest?.next();
        if (value) return { done: false, value: /** @type {Uint8Array} */ (value) };
        end();
        return { done: true, value: undefined };
      } catch (thrown) {
        end();
        throw thrown;
      }
    },
    async return() {
      end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
