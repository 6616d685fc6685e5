import { failure } from "./errors.js";

export function listen(listeners, listener) {
  if (typeof listener !== "function") throw failure("invalid-argument", "listener must be a function.");
  // The wrapper keeps two registrations of one function apart: both are called, and each is stopped alone.
  const entry = { listener };
  listeners.add(entry);
  return () => void listeners.delete(entry);
}

export function notify(listeners, event) {
  for (const { listener } of [...listeners]) {
    try {
      listener(event);
    } catch (thrown) {
      // An exception of a listener does not affect the client.
      report(thrown);
    }
  }
}

/** Calls `listener` for these events of the window, of which Node has none; returns a function that stops it. */
export function onWindow(events, listener) {
  for (const event of events) globalThis.addEventListener?.(event, listener);
  return () => events.forEach((event) => globalThis.removeEventListener?.(event, listener));
}

/** Reports an exception of the app's code as uncaught. */
export function report(thrown) {
  if (globalThis.reportError) return reportError(thrown);
  queueMicrotask(() => {
    throw thrown;
  });
}
