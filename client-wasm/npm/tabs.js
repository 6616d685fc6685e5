// The other tabs with the same storage: taking turns to refresh, and announcing changes.

import { onWindow } from "./listeners.js";

/** The longest delay of a timer, in milliseconds. With a longer one, `setTimeout` fires at once. */
const LONGEST_DELAY_MS = 0x7fffffff;

/**
 * The events after which a tab reads the storage. A message of a channel can arrive before the other tab's write to the storage is
 * visible here; the storage event cannot. A page that was frozen or in the back-forward cache has missed both.
 */
const EVENTS = ["storage", "pageshow", "resume", "visibilitychange"];

/**
 * How long a tab keeps the lock after its turn, in milliseconds. Tabs can be separate processes, and the lock can pass from one to the
 * other before the write to the storage has arrived there: the next tab would then refresh with a token that has been used.
 */
const VISIBLE_AFTER_MS = 100;

export class Tabs {
  #name;
  #channel;
  #stopListening;
  /** Takes another turn with the lock of the last one, as long as this tab keeps it. */
  #again;

  constructor(name, onChange) {
    this.#name = name;
    // Only a storage event has a key; after a clear() of the storage it is null.
    this.#stopListening = onWindow(EVENTS, ({ key }) => (key === undefined || key === null || key === name) && onChange());
    try {
      this.#channel = new BroadcastChannel(name);
      this.#channel.onmessage = onChange;
      // An open channel would keep a Node process alive.
      this.#channel.unref?.();
    } catch {
      // Without BroadcastChannel, a tab sees a change when it renews its tokens.
    }
  }

  // The message has no content: the session is in the storage.
  announce() {
    this.#channel?.postMessage("changed");
  }

  // Waits at most `wait` milliseconds for the lock. Resolves to a function that ends the turn, or to undefined if the wait is too
  // long or the browser has no locks. After `hold` milliseconds the lock is released in any case, so that a tab that hangs
  // cannot block the others.
  turn(wait, hold) {
    if (this.#again) return Promise.resolve(this.#again(hold));
    return new Promise((resolve) => {
      const tooLate = new AbortController();
      const waiting = setTimeout(() => tooLate.abort(), wait);
      const granted = () =>
        new Promise((release) => {
          clearTimeout(waiting);
          resolve(this.#begin(hold, release));
        });
      const none = () => {
        clearTimeout(waiting);
        resolve();
      };
      try {
        navigator.locks.request(this.#name, { signal: tooLate.signal }, granted).catch(none);
      } catch {
        none();
      }
    });
  }

  // Begins a turn with the lock and returns the function that ends it. Until the lock is released, the tab can take another turn.
  #begin(hold, release) {
    let isReleased = false;
    const holding = setTimeout(() => {
      isReleased = true;
      release();
    }, Math.min(hold, LONGEST_DELAY_MS));
    return () => {
      clearTimeout(holding);
      if (isReleased) return;
      const keeping = setTimeout(() => {
        this.#again = undefined;
        release();
      }, VISIBLE_AFTER_MS);
      // The timer must not keep a Node process alive.
      keeping?.unref?.();
      this.#again = (hold) => {
        clearTimeout(keeping);
        this.#again = undefined;
        return this.#begin(hold, release);
      };
    };
  }

  close() {
    this.#stopListening();
    this.#channel?.close();
    this.#channel = undefined;
  }
}
