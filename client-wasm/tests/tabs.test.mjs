// The turn of a tab in Node, with a lock that is granted at once.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Tabs } from "../npm/tabs.js";

test("a tab keeps its turn even if its time limit is longer than a timer can be", async (t) => {
  const navigator = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  const { setTimeout } = globalThis;
  t.after(() => {
    globalThis.setTimeout = setTimeout;
    if (navigator) Object.defineProperty(globalThis, "navigator", navigator);
    else delete globalThis.navigator;
  });
  const locks = { request: (name, options, granted) => granted() };
  Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });
  const delays = [];
  globalThis.setTimeout = (callback, delay) => void delays.push(delay);

  const tabs = new Tabs("key", () => {});
  t.after(() => tabs.close());
  const release = await tabs.turn(10_000, 0xffffffff);

  assert.equal(typeof release, "function");
  // `setTimeout` fires at once if its delay does not fit in 31 bits.
  assert.deepEqual(delays, [10_000, 0x7fffffff]);
});
