// @ts-check

/** @typedef {import("./stage.mjs").Stage} Stage */

const verbs = /** @type {const} */ (["profile", "profile", "update", "fetch", "fetch", "refresh"]);

/** One tab begins a few calls of one kind. Some are aborted soon after. @param {Stage} stage @param {import("./random.mjs").Random} random */
export async function callAtRandom({ invariants, pickTab, log }, random) {
  const [verb, count] = [random.pick(verbs), random.pick([1, 1, 2, 5, 10])];
  const abortAfterMs = random.next() < 0.1 ? random.between(0, 300) : null;
  const tab = pickTab(random);
  if (!tab) return;
  log(`tab ${tab.number}: ${count} × ${verb}${abortAfterMs === null ? "" : `, aborted after ${abortAfterMs} ms`}`);
  const ids = invariants.begin(tab.number, verb, count, abortAfterMs !== null);
  await tab.begin(ids, verb, abortAfterMs).catch((error) => {
    // The tab may have been closed or frozen meanwhile.
    if (tab.isReady) throw error;
    for (const id of ids) invariants.open.delete(id);
  });
}
