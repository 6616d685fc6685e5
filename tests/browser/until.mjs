// @ts-check
import { setTimeout as pause } from "node:timers/promises";

/**
 * Polls until the condition holds and resolves to its value. For conditions in another process or in a tab, which a fake clock
 * cannot control; every wait of these tests on the real clock goes through this function.
 *
 * @template T
 * @param {string} name describes the condition in the error
 * @param {() => T | Promise<T>} condition
 * @param {{ withinMs?: number, everyMs?: number }} [limits]
 */
export async function until(name, condition, { withinMs = 10_000, everyMs = 10 } = {}) {
  for (const deadline = performance.now() + withinMs; ; await pause(everyMs)) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`"${name}" did not become true within ${withinMs} ms`);
  }
}
