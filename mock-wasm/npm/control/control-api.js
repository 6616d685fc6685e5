// @ts-check
// The control API as raw HTTP: `ControlApi` sends one call and returns its JSON; `Controls` names the calls. It runs in Node and
// in pages, because the function that sends a request is passed in.
import { MockServerError, messageOf } from "./errors.js";
import { EventStream } from "./events.js";

/**
 * @import { Send } from "./transport.js"
 *
 * @typedef {Record<string, string | number | undefined>} Query the parameters of a call; a parameter that is `undefined` is left out
 */

const ROOT = "/__mock/";

export class ControlApi {
  /** @type {Set<EventStream>} */
  #streams = new Set();
  #send;
  #token;

  /**
   * @param {string | URL} url the address of the mock server
   * @param {Send} send the transport
   * @param {string} [token] the server's control token, if it has one
   */
  constructor(url, send, token) {
    this.url = String(url).replace(/\/+$/, "");
    this.#send = send;
    this.#token = token;
  }

  /**
   * Sends a call and resolves to the JSON of the response. Rejects with the server's own sentence if the server refuses the call.
   *
   * @template T
   * @param {string} method
   * @param {string} path below `/__mock/`
   * @param {Query} query
   * @param {object | string} [body] an object becomes JSON; text is sent unchanged
   * @param {number} [result] a status from 400 on whose body is a result of this call and not a refusal
   * @param {AbortSignal} [signal] closes the connection
   * @returns {Promise<T>}
   */
  async call(method, path, query, body, result, signal) {
    return this.#parse(await this.text(method, path, query, body, result, signal));
  }

  /**
   * Like {@link call}, but resolves to the text of the response.
   *
   * @param {string} method
   * @param {string} path
   * @param {Query} query
   * @param {object | string} [body]
   * @param {number} [result]
   * @param {AbortSignal} [signal]
   */
  async text(method, path, query, body, result, signal) {
    const { status, text } = await this.#reach(method, path, async () => {
      const response = await this.#request(method, path, query, body, signal);
      return { status: response.status, text: await response.text() };
    });
    if (status >= 400 && status !== result) throw this.#refusal(method, path, status, text);
    return text;
  }

  /** Opens the stream of events. @param {Query} query */
  listen(query) {
    /** @param {AbortSignal} signal */
    const open = async (signal) => {
      const response = await this.#reach("GET", "events", () => this.#request("GET", "events", query, undefined, signal));
      if (response.status !== 200) throw this.#refusal("GET", "events", response.status, await response.text());
      return response;
    };
    const stream = new EventStream(open, () => this.#streams.delete(stream));
    this.#streams.add(stream);
    return stream;
  }

  /** Closes all streams of events: an open stream delays the end of the server. */
  async close() {
    await Promise.all([...this.#streams].map((stream) => stream.return()));
  }

  /** Parses the text of a response. No call of the control API returns a bare `null`, number or string. @param {string} text */
  #parse(text) {
    /** @type {unknown} */
    let cause;
    try {
      const value = JSON.parse(text);
      if (typeof value === "object" && value !== null) return value;
    } catch (error) {
      cause = error;
    }
    throw new MockServerError(`The server at ${this.url} is not a mock server: its response is not a JSON object or array.`, { cause });
  }

  /**
   * The error for a response with a status from 400 on.
   *
   * @param {string} method
   * @param {string} path
   * @param {number} status
   * @param {string} text
   */
  #refusal(method, path, status, text) {
    /** @type {{ error?: string, field?: string }} */
    const { error, field } = this.#parse(text);
    const reason = [field, error].filter(Boolean).join(": ") || undefined;
    const message = `${method} ${ROOT}${path} failed with status ${status}${reason ? `: ${reason}` : ""}`;
    return new MockServerError(message, { status, field, reason });
  }

  /**
   * @template T
   * @param {string} method
   * @param {string} path
   * @param {() => Promise<T>} attempt
   */
  async #reach(method, path, attempt) {
    try {
      return await attempt();
    } catch (cause) {
      const call = `${method} ${ROOT}${path}`;
      throw new MockServerError(`${call}: the mock server at ${this.url} does not answer: ${messageOf(cause)}.`, { cause });
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Query} query
   * @param {object | string} [body]
   * @param {AbortSignal | null} [signal]
   */
  #request(method, path, query, body, signal = null) {
    const url = new URL(this.url + ROOT + path);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const headers = {
      // The server requires this header in every call that changes something, even without a body.
      ...(method !== "GET" && { "Content-Type": "application/json" }),
      ...(this.#token && { Authorization: `Bearer ${this.#token}` }),
    };
    const text = typeof body === "object" ? JSON.stringify(body) : (body ?? null);
    return this.#send(url, { method, headers, body: text, signal });
  }
}
