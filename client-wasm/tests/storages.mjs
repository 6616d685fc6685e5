// A storage of the app, which counts as shared with other tabs.

/** A storage that answers later, like a database; `kept` is its content. */
export function sharedStorage() {
  const kept = new Map();
  const later = (value) => new Promise((resolve) => setImmediate(resolve, value));
  return {
    kept,
    load: (key) => later(kept.get(key) ?? null),
    save: (key, value) => later(void kept.set(key, value)),
    remove: (key) => later(void kept.delete(key)),
  };
}
