// @ts-check
// The control API as raw HTTP: `ControlApi` sends one call and returns its JSON; `Controls` names the calls. It runs in Node and
// in pages, because the function that sends a request is passed in.
import { MockServerError, messageOf } from "./errors.js";
import { EventStream } from "./events.js";

/**
 * @import { Send } from "./transport.js"
 *
 * @typedef {Record<string, string | number | undefined>} Query the parameters of a call; `undefined` leaves one out
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
   * Sends a call and resolves to the JSON of the answer. Rejects with the server's own sentence if the server refuses.
   *
   * @template T
   * @param {string} method
   * @param {string} path below `/__mock/`
   * @param {Query} query
   * @param {object | string} [body] an object becomes JSON; text is sent unchanged
   * @returns {Promise<T>}
   */
  async call(method, path, query, body) {
    return this.parse(await this.text(method, path, query, body));
  }

  /**
   * Like {@link call}, but resolves to the text of the answer.
   *
   * @param {string} method
   * @param {string} path
   * @param {Query} query
   * @param {object | string} [body]
   */
  async text(method, path, query, body) {
    const { status, text } = await this.exchange(method, path, query, body);
    if (status >= 400) throw this.refusal(method, path, status, this.parse(text));
    return text;
  }

  /**
   * Sends a call and resolves to the status and the text of the answer, whatever the status is.
   *
   * @param {string} method
   * @param {string} path
   * @param {Query} query
   * @param {object | string} [body]
   */
  async exchange(method, path, query, body) {
    return this.#reach(method, path, async () => {
      const response = await this.#request(method, path, query, body);
      return { status: response.status, text: await response.text() };
    });
  }

  /** Parses the text of an answer. @param {string} text */
  parse(text) {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new MockServerError(`The server at ${this.url} is not a mock server: its answer is not JSON.`, { cause });
    }
  }

  /**
   * The error for an answer with a status from 400 on.
   *
   * @param {string} method
   * @param {string} path
   * @param {number} status
   * @param {{ error?: string, field?: string }} answer
   */
  refusal(method, path, status, { error, field }) {
    const reason = [field, error].filter(Boolean).join(": ") || undefined;
    const message = `${method} ${ROOT}${path} failed with status ${status}${reason ? `: ${reason}` : ""}`;
    return new MockServerError(message, { status, field, reason });
  }

  /** Opens the stream of events. @param {Query} query */
  listen(query) {
    /** @param {AbortSignal} signal */
    const open = async (signal) => {
      const response = await this.#reach("GET", "events", () => this.#request("GET", "events", query, undefined, signal));
      if (response.status !== 200) throw this.refusal("GET", "events", response.status, this.parse(await response.text()));
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
      // The server requires it of every call that changes something, also without a body.
      ...(method !== "GET" && { "Content-Type": "application/json" }),
      ...(this.#token && { Authorization: `Bearer ${this.#token}` }),
    };
    const text = typeof body === "object" ? JSON.stringify(body) : (body ?? null);
    return this.#send(url, { method, headers, body: text, signal });
  }
}
