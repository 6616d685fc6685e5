// Calls after a failure of the WebAssembly module. Each test has a module of its own, because a module that has failed stays broken.
import assert from "node:assert/strict";
import { test } from "node:test";

import { at, fakeService, never } from "./fake-service.mjs";
import { freshPackage } from "./fresh-package.mjs";

const asksForReload = (error) => error.name === "UserServiceError" && error.code === "service" && /reload/.test(error.message);

/** Resolves after the tasks that are due have run. */
const turn = () => new Promise(setImmediate);

/** Catches what the microtasks of the module throw; a browser would report it as uncaught. */
function catchUncaught(t) {
  const { queueMicrotask } = globalThis;
  t.after(() => (globalThis.queueMicrotask = queueMicrotask));
  const thrown = [];
  globalThis.queueMicrotask = (task) =>
    queueMicrotask(() => {
      try {
        task();
      } catch (error) {
        thrown.push(error);
      }
    });
  return thrown;
}

/**
 * Lets a module fail while calls are pending, and asserts that these calls and all later ones ask for a reload. `fail(client, load)`
 * resolves to promises of calls that must reject as well. Returns what was thrown uncaught.
 */
async function assertAllCallsAskForReload(t, fail) {
  const { load } = await freshPackage(t);
  const { UserServiceClient, register } = await load();
  const fetch = fakeService();
  fetch.next = ({ url }) => !url.endsWith("/Create") && never();
  // The broken module never clears its timers, and each would keep this process alive.
  const options = { ...at, storage: "memory", timeoutMs: 1000, fetch };
  const client = await UserServiceClient.create(options);
  const other = await UserServiceClient.create(options);
  await client.register();
  await other.register();
  const pending = [
    client.profile(),
    client.refresh(),
    client.update({ city: "Paris" }),
    client.joinInstance("CODE"),
    other.profile(),
    register({ ...options, fetch: never }),
    UserServiceClient.create({ ...options, storage: { load: never, save() {}, remove() {} } }),
  ];
  pending.forEach((call) => call.catch(() => {}));
  await turn();
  const thrown = catchUncaught(t);

  pending.push(...(await fail(client, load)));

  for (const call of pending) await assert.rejects(call, asksForReload);
  const later = [
    () => client.profile(),
    () => client.signOut(),
    () => client.getAccessToken(),
    () => client.userExists({ clientId: "c" }),
    () => client.fetch("https://user.test/api/x"),
    () => other.refresh(),
    () => register(options),
    () => UserServiceClient.create(options),
  ];
  for (const call of later) await assert.rejects(call(), asksForReload);
  client.dispose();
  await assert.rejects(client.profile(), asksForReload);
  return thrown;
}

test("after a panic, pending and later calls reject with `service` and ask for a reload", { timeout: 10_000 }, async (t) => {
  const thrown = await assertAllCallsAskForReload(t, async (client, load) => {
    // A panic ends in a trap, and so does an access outside of the memory of the module, such as by this address of a client.
    const { Client } = await load("wasm/client_bg.js");
    assert.throws(() => Client.prototype.dispose.call({ __wbg_ptr: 0xffff_fff0 }), WebAssembly.RuntimeError);
    return [];
  });
  assert.deepEqual(thrown, []);
});

test("after an exception of JavaScript has passed through the module, pending and later calls reject with `service` and ask for a reload", { timeout: 10_000 }, async (t) => {
  const { performance } = globalThis;
  t.after(() => (globalThis.performance = performance));
  const thrown = await assertAllCallsAskForReload(t, async (client) => {
    const controller = new AbortController();
    globalThis.performance = { now: () => { throw new Error("no clock"); } };
    const interrupted = client.profile({ signal: controller.signal });
    interrupted.catch(() => {});
    await turn();
    globalThis.performance = performance;
    // This would wake the task that the exception has interrupted, and let the module fail a second time.
    controller.abort();
    await turn();
    return [interrupted];
  });
  assert.deepEqual(thrown.map(({ message }) => message), ["no clock"]);
});
