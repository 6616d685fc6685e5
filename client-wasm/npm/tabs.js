// The other tabs with the same storage: whose turn it is to refresh, and that something changed.

export class Tabs {
  #name;
  #channel;

  constructor(name, onChange) {
    this.#name = name;
    try {
      this.#channel = new BroadcastChannel(name);
      this.#channel.onmessage = onChange;
      // Node would wait for messages for ever.
      this.#channel.unref?.();
    } catch {
      // Not everywhere; then a tab sees what changed when it renews.
    }
  }

  // Only that something changed: what it is stands in the storage.
  announce() {
    this.#channel?.postMessage("changed");
  }

  // Resolves to a function that ends the turn, or to undefined where there is none in time. A turn ends by itself too, so that
  // nothing that goes wrong here can hang another tab.
  turn(wait, hold) {
    return new Promise((resolve) => {
      const late = new AbortController();
      const patience = setTimeout(() => late.abort(), wait);
      const granted = () =>
        new Promise((end) => {
          clearTimeout(patience);
          const bound = setTimeout(end, hold);
          resolve(() => {
            clearTimeout(bound);
            end();
          });
        });
      const none = () => {
        clearTimeout(patience);
        resolve();
      };
      try {
        navigator.locks.request(this.#name, { signal: late.signal }, granted).catch(none);
      } catch {
        none();
      }
    });
  }

  close() {
    this.#channel?.close();
    this.#channel = undefined;
  }
}
