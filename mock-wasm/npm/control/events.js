// @ts-check
// The stream of events: reads server-sent events and hands them out one by one.
import { MockServerError, messageOf } from "./errors.js";

/**
 * @import { HttpResponse } from "./transport.js"
 * @import * as Control from "../control.d.ts"
 */

/** @implements {Control.EventStream} */
export class EventStream {
  #connection = new AbortController();
  #events;
  #onEnd;
  /** @type {HttpResponse | undefined} */
  #response;
  /** How many calls of `next` wait for an event. */
  #waiting = 0;

  /**
   * @param {(signal: AbortSignal) => Promise<HttpResponse>} open
   * @param {() => void} onEnd
   */
  constructor(open, onEnd) {
    this.#onEnd = onEnd;
    const response = open(this.#connection.signal);
    this.#events = this.#read(response);
    /** @type {Promise<void>} */
    this.opened = response.then((response) => {
      this.#response = response;
      this.#keepAlive();
    });
    // A failure also reaches the caller of `next`, so `opened` may stay unused.
    this.opened.catch(() => {});
  }

  async next() {
    // A chunk that arrived before the stream was closed can contain further events.
    if (this.#connection.signal.aborted) return this.return();
    this.#waiting += 1;
    this.#keepAlive();
    try {
      return await this.#events.next();
    } finally {
      this.#waiting -= 1;
      this.#keepAlive();
    }
  }

  /** @returns {Promise<IteratorReturnResult<undefined>>} */
  async return() {
    this.#onEnd();
    this.#connection.abort();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async [Symbol.asyncDispose]() {
    await this.return();
  }

  /** Keeps the process alive only while a caller waits for an event. */
  #keepAlive() {
    this.#response?.keepAlive?.(this.#waiting > 0);
  }

  /**
   * @param {Promise<HttpResponse>} response
   * @returns {AsyncGenerator<Control.MockEvent, undefined>}
   */
  async *#read(response) {
    try {
      yield* eventsOf((await response).chunks());
    } catch (cause) {
      if (this.#connection.signal.aborted) return undefined;
      if (cause instanceof MockServerError) throw cause;
      throw new MockServerError(`The event stream of the mock server broke off: ${messageOf(cause)}.`, { cause });
    } finally {
      this.#onEnd();
    }
  }
}

/**
 * The events in the text of a `text/event-stream`. Blocks without a type, such as the server's heartbeat, are skipped.
 *
 * @param {AsyncIterable<string>} chunks
 * @returns {AsyncGenerator<Control.MockEvent, undefined>}
 */
async function* eventsOf(chunks) {
  let rest = "";
  for await (const chunk of chunks) {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, type] = /^event: ?(.*)$/m.exec(block) ?? [];
      const [, data] = /^data: ?(.*)$/m.exec(block) ?? [];
      if (type && data) yield /** @type {Control.MockEvent} */ ({ type, data: JSON.parse(data) });
    }
  }
}
