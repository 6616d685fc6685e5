// Shared by the tests of a panic.
import assert from "node:assert/strict";

/**
 * Makes the shipped module panic: an exception of the platform interrupts a task while it is borrowed, and waking the task then
 * borrows it a second time. `scope` is the global object of the client. Resolves to the outcome of the call whose task it was, and
 * the exception of the panic.
 */
export async function panicIn(client, scope = globalThis) {
  const { performance, queueMicrotask } = scope;
  const controller = new scope.AbortController();
  const thrown = [];
  // A browser would report these exceptions as uncaught.
  scope.queueMicrotask = (task) => queueMicrotask(() => {
    try {
      task();
    } catch (error) {
      thrown.push(error);
    }
  });
  scope.performance = { now: () => { throw new Error("no clock"); } };
  const stuck = Promise.allSettled([client.profile({ signal: controller.signal })]);
  await new Promise(setImmediate);
  scope.performance = performance;
  controller.abort();
  await new Promise(setImmediate);
  scope.queueMicrotask = queueMicrotask;
  assert.equal(thrown[0]?.message, "no clock");
  return { outcome: (await stuck)[0], panic: thrown[1] };
}
