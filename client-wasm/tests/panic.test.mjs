// After a panic of the module: every call ends, and says what helps. This file is a process of its own, because nothing mends it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { UserServiceClient, UserServiceError, register } from "../npm/index.js";

const at = {
  baseUrl: "https://user.test",
  instanceId: "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10",
  instanceKey: "1b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a11",
  storage: "memory",
  // No timer of a broken module is ever stopped: they would keep this process alive.
  timeoutMs: 1000,
};

const never = () => new Promise(() => {});

/** Signs in and then hears nothing of the service any more; all but the registration is under way for ever. */
async function fetch({ url }) {
  if (!url.endsWith("/Create")) return never();
  const AccessToken = { Token: "jwt", ExpiresIn: 86400 };
  return new Response(JSON.stringify({ Result: { DeviceToken: "device", AccessToken, RefreshToken: "refresh" }, Status: 200 }));
}

/**
 * Makes Rust panic, in the module as it is shipped: an exception of the platform leaves a task of the client in the middle, and
 * the next who wakes it finds it borrowed. Returns the call that this was done to.
 */
async function panicIn(client) {
  const { performance, queueMicrotask } = globalThis;
  const controller = new AbortController();
  const thrown = [];
  // What a browser would report as uncaught.
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

const saysReload = (error) => error instanceof UserServiceError && error.code === "service" && /reload/.test(error.message);

test("a panic ends pending and later calls with `service` and names the reload, and none hangs", { timeout: 10_000 }, async () => {
  const client = await UserServiceClient.create({ ...at, fetch });
  const other = await UserServiceClient.create({ ...at, fetch });
  await client.register();
  await other.register();
  const pending = Promise.allSettled([
    client.profile(),
    client.refresh(),
    client.update({ city: "Paris" }),
    other.profile(),
    register({ ...at, fetch: never }),
    UserServiceClient.create({ ...at, fetch, storage: { load: never, save() {}, remove() {} } }),
  ]);
  await new Promise(setImmediate);

  const stuck = await panicIn(client);

  for (const { reason } of [stuck, ...(await pending)]) assert.ok(saysReload(reason), String(reason));
  const later = [
    () => client.profile(),
    () => client.signOut(),
    () => client.fetch("https://user.test/api/x"),
    () => other.refresh(),
    () => register({ ...at, fetch }),
    () => UserServiceClient.create({ ...at, fetch }),
  ];
  for (const call of later) await assert.rejects(call(), saysReload);
  client.dispose();
  await assert.rejects(client.profile(), saysReload);
});
