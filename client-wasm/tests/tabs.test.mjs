// A tab in Node: its turn to refresh, and the events after which it reads the storage again.
import assert from "node:assert/strict";
import { test } from "node:test";

import { UserServiceClient } from "../npm/index.js";
import { Tabs } from "../npm/tabs.js";
import { until } from "../../tests/browser/until.mjs";
import { at, signedIn } from "./fake-service.mjs";
import { fakeLocks, fakePage, withoutMessages } from "./page.mjs";
import { sharedStorage } from "./storages.mjs";

/** A tab in its turn, with a time limit for it; the test lets the timers fire. `requests` counts the requests for the lock. */
async function tabInTurn(t, limit = 20_000) {
  const { setTimeout, clearTimeout } = globalThis;
  t.after(() => Object.assign(globalThis, { setTimeout, clearTimeout }));
  const lock = { isHeld: false, requests: 0 };
  const request = async (name, options, granted) => {
    lock.requests += 1;
    lock.isHeld = true;
    await granted();
    lock.isHeld = false;
  };
  fakeLocks(t, { request });
  let timers = [];
  globalThis.setTimeout = (callback, delay) => {
    const timer = { callback, delay };
    timers.push(timer);
    return timer;
  };
  globalThis.clearTimeout = (timer) => void (timers = timers.filter((other) => other !== timer));
  const fire = async () => {
    for (const { callback } of timers.splice(0)) callback();
    await new Promise(setImmediate);
  };

  const tabs = new Tabs("key", () => {});
  t.after(() => tabs.close());
  return { tabs, end: await tabs.turn(10_000, limit), lock, fire, delays: () => timers.map(({ delay }) => delay) };
}

test("a tab keeps its turn even if its time limit is longer than a timer can be", async (t) => {
  const { end, delays } = await tabInTurn(t, 0xffffffff);
  assert.equal(typeof end, "function");
  // `setTimeout` fires at once if its delay does not fit in 31 bits.
  assert.deepEqual(delays(), [0x7fffffff]);
});

test("a tab releases the lock some time after its turn, when the other tabs can see what it has stored", async (t) => {
  const { end, lock, fire, delays } = await tabInTurn(t);
  end();
  assert.deepEqual([lock.isHeld, delays()], [true, [100]]);
  await fire();
  assert.equal(lock.isHeld, false);
});

test("a tab whose next turn begins before it has released the lock keeps the lock", async (t) => {
  const { tabs, end, lock, fire, delays } = await tabInTurn(t);
  end();
  const endNext = await tabs.turn(10_000, 20_000);
  assert.deepEqual([lock.isHeld, lock.requests, delays()], [true, 1, [20_000]]);
  endNext();
  await fire();
  assert.equal(lock.isHeld, false);
  await tabs.turn(10_000, 20_000);
  assert.equal(lock.requests, 2);
});

test("a tab whose turn has lasted too long releases the lock, and its next turn waits for the lock", async (t) => {
  const { tabs, end, lock, fire } = await tabInTurn(t);
  await fire();
  assert.equal(lock.isHeld, false);
  end();
  await tabs.turn(10_000, 20_000);
  assert.equal(lock.requests, 2);
});

test("a tab reads the storage after an event that may follow a change, and after no other", (t) => {
  const page = fakePage(t);
  let reads = 0;
  const tabs = new Tabs("key", () => (reads += 1));
  const events = [
    ["pageshow", {}, 1],
    ["resume", {}, 1],
    ["visibilitychange", {}, 1],
    ["storage", { key: "key" }, 1],
    ["storage", { key: null }, 1], // the storage was cleared
    ["storage", { key: "another key" }, 0],
    ["focus", {}, 0],
  ];
  for (const [type, properties, expected] of events) {
    reads = 0;
    page.dispatch(type, properties);
    assert.equal(reads, expected, `${type} ${JSON.stringify(properties)}`);
  }
  tabs.close();
  assert.equal(page.count(), 0);
});

test("a tab tells the other tabs of a change, and none that is closed", async (t) => {
  const heard = [];
  const [first, second, closed] = ["first", "second", "closed"].map((name) => new Tabs("key", () => heard.push(name)));
  t.after(() => (first.close(), second.close()));
  closed.close();
  first.announce();
  await until("the other tab hears of the change", () => heard.length);
  assert.deepEqual(heard, ["second"]);
  closed.announce();
});

for (const [type, properties] of [["pageshow"], ["resume"], ["visibilitychange"], ["storage", { key: "shared" }]]) {
  test(`after the event ${type} a tab adopts the session that another tab has stored, without a request`, async (t) => {
    withoutMessages(t);
    const page = fakePage(t);
    fakeLocks(t);
    const storage = sharedStorage();
    const options = { storage, storageKey: "shared" };
    const { client: first, fetch } = await signedIn(options);
    const second = await UserServiceClient.create({ ...at, ...options, fetch });
    t.after(() => (first.dispose(), second.dispose()));
    const changes = [];
    second.onSessionChange(({ kind, origin }) => changes.push(`${kind} ${origin}`));
    await first.refresh();
    const sent = fetch.seen.length;
    assert.equal(second.session.accessToken, "jwt-1");

    page.dispatch(type, properties);
    await until("the tab has adopted the session", () => changes.length);
    assert.equal(second.session.accessToken, "jwt-2");

    await first.signOut();
    page.dispatch(type, properties);
    await until("the tab has adopted the sign-out", () => changes.length === 2);
    assert.equal(second.session, null);
    assert.deepEqual(changes, ["refreshed other-tab", "signed-out other-tab"]);
    assert.equal(fetch.seen.length, sent);
  });
}

test("a client that was disposed listens to no event", async (t) => {
  const page = fakePage(t);
  const { client } = await signedIn({ storage: sharedStorage() });
  assert.ok(page.count() > 0);
  client.dispose();
  assert.equal(page.count(), 0);
});
