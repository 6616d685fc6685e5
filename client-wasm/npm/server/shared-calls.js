// @ts-check
// Lets simultaneous requests for one user share one call of the service.

/**
 * @template Outcome
 * @typedef {{ waiting: number, isAborted: boolean, abort: () => void, outcome: Promise<Outcome> }} Call
 */

/**
 * Returns a function that runs one task for each key at a time. Callers that come while the task of their key runs get its outcome.
 * The signal of a task aborts as soon as the signals of all its callers have aborted.
 *
 * @template Outcome
 */
export function sharedCalls() {
  /** @type {Map<string, Call<Outcome>>} */
  const calls = new Map();

  /**
   * @param {string} key
   * @param {(signal: AbortSignal) => Promise<Outcome>} task
   * @returns {Call<Outcome>}
   */
  function start(key, task) {
    const controller = new AbortController();
    const call = { waiting: 0, isAborted: false, abort: () => controller.abort(), outcome: task(controller.signal) };
    calls.set(key, call);
    const end = () => void calls.delete(key);
    call.outcome.then(end, end);
    return call;
  }

  /** Counts a caller out. @param {Call<Outcome>} call */
  function leave(call) {
    call.waiting -= 1;
    if (call.waiting > 0) return;
    // Not read from the signal: Cloudflare Workers lets no request touch a signal that another request has created.
    call.isAborted = true;
    call.abort();
  }

  /**
   * @param {string} key
   * @param {(signal: AbortSignal) => Promise<Outcome>} task
   * @param {AbortSignal} signal
   * @returns {Promise<Outcome>}
   */
  return async function share(key, task, signal) {
    const running = calls.get(key);
    if (running?.isAborted) {
      // Its callers have gone. A task that goes on nevertheless has an outcome for this caller too.
      return running.outcome.catch(() => share(key, task, signal));
    }
    const call = running ?? start(key, task);
    call.waiting += 1;
    const left = () => leave(call);
    if (signal.aborted) left();
    else signal.addEventListener("abort", left, { once: true });
    try {
      return await call.outcome;
    } finally {
      signal.removeEventListener("abort", left);
    }
  };
}
