import { failure } from "./errors.js";

export function listen(listeners, listener) {
  if (typeof listener !== "function") throw failure("invalid-argument", "listener must be a function.");
  // Wrapped, so that a listener registered twice is called twice and stopped one by one.
  const entry = { listener };
  listeners.add(entry);
  return () => void listeners.delete(entry);
}

export function tell(listeners, event) {
  for (const { listener } of [...listeners]) {
    try {
      listener(event);
    } catch (thrown) {
      // The listener's own mistake: it must be seen, and must not become ours.
      report(thrown);
    }
  }
}

function report(thrown) {
  if (globalThis.reportError) return reportError(thrown);
  queueMicrotask(() => {
    throw thrown;
  });
}
