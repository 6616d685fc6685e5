// The other tabs with the same storage: taking turns to refresh, and announcing changes.

/** The longest delay of a timer, in milliseconds. With a longer one, `setTimeout` fires at once. */
const LONGEST_DELAY_MS = 0x7fffffff;

/**
 * The events after which a tab reads the storage. A message of a channel can arrive before the other tab's write to the storage is
 * visible here; the storage event cannot. A page that was frozen or in the back-forward cache has missed both.
 */
const EVENTS = ["storage", "pageshow", "resume", "visibilitychange"];

export class Tabs {
  #name;
  #channel;
  #onEvent;

  constructor(name, onChange) {
    this.#name = name;
    // Only a storage event has a key; after a clear() of the storage it is null.
    this.#onEvent = ({ key }) => (key === undefined || key === null || key === name) && onChange();
    for (const event of EVENTS) globalThis.addEventListener?.(event, this.#onEvent);
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

  // Waits at most `wait` milliseconds for the lock. Resolves to a function that releases it, or to undefined if the wait is too
  // long or the browser has no locks. After `hold` milliseconds the lock is released in any case, so that a tab that hangs
  // cannot block the others.
  turn(wait, hold) {
    return new Promise((resolve) => {
      const tooLate = new AbortController();
      const waiting = setTimeout(() => tooLate.abort(), wait);
      const granted = () =>
        new Promise((end) => {
          clearTimeout(waiting);
          const holding = setTimeout(end, Math.min(hold, LONGEST_DELAY_MS));
          resolve(() => {
            clearTimeout(holding);
            end();
          });
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

  close() {
    for (const event of EVENTS) globalThis.removeEventListener?.(event, this.#onEvent);
    this.#channel?.close();
    this.#channel = undefined;
  }
}
