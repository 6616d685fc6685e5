// Calls after a panic of the module. The file runs in a process of its own, because the module stays broken.
import assert from "node:assert/strict";
import { test } from "node:test";

import { UserServiceClient, UserServiceError, register } from "../npm/index.js";
import { at, fakeService, never } from "./fake-service.mjs";

// The broken module never clears its timers, and each would keep this process alive.
const options = { ...at, storage: "memory", timeoutMs: 1000 };

/** A service that answers a registration and then nothing. */
const fetch = fakeService();
fetch.next = ({ url }) => !url.endsWith("/Create") && never();

/**
 * Makes the shipped module panic: an exception of the platform interrupts a task while it is borrowed, and waking the task then
 * borrows it a second time. Returns the outcome of the call whose task it was.
 */
async function panicIn(client) {
  const { performance, queueMicrotask } = globalThis;
  const controller = new AbortController();
  const thrown = [];
  // A browser would report these exceptions as uncaught.
  globalThis.queueMicrotask = (task) => queueMicrotask(() => {
    try {
      task();
    } catch (error) {
      thrown.push(error);
    }
  });
  globalThis.performance = { now: () => { throw new Error("no clock"); } };
  const stuck = Promise.allSettled([client.profile({ signal: controller.signal })]);
  await new Promise(setImmediate);
  globalThis.performance = performance;
  controller.abort();
  await new Promise(setImmediate);
  globalThis.queueMicrotask = queueMicrotask;
  assert.equal(thrown[0]?.message, "no clock");
  assert.ok(thrown[1] instanceof WebAssembly.RuntimeError, "no panic");
  return (await stuck)[0];
}

const asksForReload = (error) => error instanceof UserServiceError && error.code === "service" && /reload/.test(error.message);

test("after a panic, pending and later calls reject with `service` and ask for a reload", { timeout: 10_000 }, async () => {
  const client = await UserServiceClient.create({ ...options, fetch });
  const other = await UserServiceClient.create({ ...options, fetch });
  await client.register();
  await other.register();
  const pending = Promise.allSettled([
    client.profile(),
    client.refresh(),
    client.update({ city: "Paris" }),
    other.profile(),
    register({ ...options, fetch: never }),
    UserServiceClient.create({ ...options, fetch, storage: { load: never, save() {}, remove() {} } }),
  ]);
  await new Promise(setImmediate);

  const stuck = await panicIn(client);

  for (const { reason } of [stuck, ...(await pending)]) assert.ok(asksForReload(reason), String(reason));
  const later = [
    () => client.profile(),
    () => client.signOut(),
    () => client.fetch("https://user.test/api/x"),
    () => other.refresh(),
    () => register({ ...options, fetch }),
    () => UserServiceClient.create({ ...options, fetch }),
  ];
  for (const call of later) await assert.rejects(call(), asksForReload);
  client.dispose();
  await assert.rejects(client.profile(), asksForReload);
});
