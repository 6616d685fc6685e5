// The other tabs with the same storage: taking turns to refresh, and announcing changes.

/** The longest delay of a timer, in milliseconds. With a longer one, `setTimeout` fires at once. */
const LONGEST_DELAY_MS = 0x7fffffff;

export class Tabs {
  #name;
  #channel;
  #onStorage;

  constructor(name, onChange) {
    this.#name = name;
    // A message can arrive before the other tab's write to the storage is visible here; the storage event cannot. After a
    // clear() of the storage the key is null.
    this.#onStorage = ({ key }) => (key === name || key === null) && onChange();
    globalThis.addEventListener?.("storage", this.#onStorage);
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
    globalThis.removeEventListener?.("storage", this.#onStorage);
    this.#channel?.close();
    this.#channel = undefined;
  }
}
