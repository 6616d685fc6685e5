// The parts of a page that Node does not have: events of the window, locks, and time that passes when a test says so.

/** Replaces a global until the end of the test. */
function replaceGlobal(t, name, value) {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  t.after(() => (before ? Object.defineProperty(globalThis, name, before) : delete globalThis[name]));
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/**
 * Makes Node look like a page: `dispatch(type, properties)` sends an event to the window, `count()` is the number of its listeners, and
 * `document` is the document.
 */
export function fakePage(t) {
  const page = new EventTarget();
  const document = { visibilityState: "visible" };
  let listeners = [];
  replaceGlobal(t, "document", document);
  replaceGlobal(t, "addEventListener", (type, listener) => {
    listeners.push([type, listener]);
    page.addEventListener(type, listener);
  });
  replaceGlobal(t, "removeEventListener", (type, listener) => {
    listeners = listeners.filter((entry) => entry[0] !== type || entry[1] !== listener);
    page.removeEventListener(type, listener);
  });
  const dispatch = (type, properties) => page.dispatchEvent(Object.assign(new Event(type), properties));
  return { dispatch, document, count: () => listeners.length };
}

/** Gives Node locks that are granted at once; `locks` replaces them. */
export function fakeLocks(t, locks = { request: (name, options, granted) => granted() }) {
  replaceGlobal(t, "navigator", { locks });
}

/** Lets no tab hear of another one by a message. */
export function withoutMessages(t) {
  replaceGlobal(t, "BroadcastChannel", undefined);
}

/** Lets both clocks of the page stand still until the returned function moves them, by seconds. */
export function fakeClocks(t) {
  let passedMs = 0;
  const [start, now] = [Date.now(), performance.now()];
  replaceGlobal(t, "performance", { now: () => now + passedMs });
  const { now: real } = Date;
  t.after(() => (Date.now = real));
  Date.now = () => start + passedMs;
  return (seconds) => (passedMs += seconds * 1000);
}
