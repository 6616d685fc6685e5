// @ts-check
// A mock that starts with the first request and whose state is stored after each change: a browser stops an idle service worker
// without notice.
import { messageOf } from "../control/errors.js";

/**
 * @import { InProcessMock } from "../index.d.ts"
 * @import { StateStore } from "./scope.d.ts"
 */

export class ServedMock {
  #start;
  #store;
  /** @type {Promise<InProcessMock> | undefined} */
  #starting;
  /** The revision of the state that was stored last; below every revision if none was. */
  #stored = -1;
  /** @type {Promise<boolean> | undefined} */
  #storing;

  /**
   * @param {() => Promise<InProcessMock>} start
   * @param {StateStore} store
   */
  constructor(start, store) {
    this.#start = start;
    this.#store = store;
  }

  /** Starts the mock with the stored state, unless it runs. Rejects if it cannot start, and tries again the next time. */
  ready() {
    this.#starting ??= this.#begin().catch((cause) => {
      this.#starting = undefined;
      throw cause;
    });
    return this.#starting;
  }

  /**
   * Answers a request. The changes that it made are stored before, so that a client never has a token that the mock could forget.
   *
   * @param {Request} request
   */
  async answer(request) {
    /** @type {InProcessMock} */
    let mock;
    try {
      mock = await this.ready();
    } catch (cause) {
      return Response.json({ error: messageOf(cause) }, { status: 500 });
    }
    // The browser itself follows redirects, and makes a failed request of an answer that is lost.
    const answered = await mock.fetch(request, { redirect: "manual" }).catch(() => Response.error());
    await this.#storeChanges(mock);
    return isEventStream(answered) ? withComment(answered) : answered;
  }

  async #begin() {
    const mock = await this.#start();
    const snapshot = await this.#store.read().catch((cause) => warn("The stored state cannot be read, so the mock starts with a fresh one", cause));
    if (snapshot === undefined) return mock;
    try {
      await mock.restore(snapshot);
      this.#stored = mock.revision;
    } catch (cause) {
      warn("The stored state is not one of this version, so the mock starts with a fresh one", cause);
    }
    return mock;
  }

  /** Resolves once the state so far is stored. @param {InProcessMock} mock */
  async #storeChanges(mock) {
    const { revision } = mock;
    // The write that runs can be of an earlier state. After a write that failed, the next request tries again.
    for (let isStored = true; isStored && this.#stored < revision; ) {
      this.#storing ??= this.#storeNow(mock).finally(() => (this.#storing = undefined));
      isStored = await this.#storing;
    }
  }

  /** Stores the state; resolves to whether that worked. @param {InProcessMock} mock */
  async #storeNow(mock) {
    const { revision } = mock;
    try {
      await this.#store.write(await mock.snapshot());
      this.#stored = revision;
      return true;
    } catch (cause) {
      warn("The state cannot be stored, so the changes so far end with this worker unless a later write succeeds", cause);
      return false;
    }
  }
}

/** @param {Response} response */
function isEventStream({ body, headers }) {
  return body !== null && headers.get("content-type")?.startsWith("text/event-stream");
}

/**
 * Begins a stream of events with a comment: Firefox gives a page the response of a worker when its first bytes are there.
 *
 * @param {Response} response
 */
function withComment({ body, status, headers }) {
  const comment = new TextEncoder().encode(":\n\n");
  return new Response(body?.pipeThrough(new TransformStream({ start: (controller) => controller.enqueue(comment) })), { status, headers });
}

/** @param {string} sentence @param {unknown} cause @returns {undefined} */
function warn(sentence, cause) {
  console.warn(`telematics-mock: ${sentence}: ${messageOf(cause)}.`);
}
