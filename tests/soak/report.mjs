// @ts-check

/** @typedef {import("./stage.mjs").Stage} Stage */

/** Progress in one line. @param {Stage} stage @param {number} seconds @param {ReadonlyMap<string, number>} disturbed */
export function progress({ invariants, journal }, seconds, disturbed) {
  const settled = sum(invariants.outcomes.values());
  const succeeded = sum([...invariants.outcomes].filter(([name]) => name.endsWith(": success")).map(([, count]) => count));
  return (
    `${seconds.toFixed(0).padStart(4)} s: ${settled} calls settled, ${succeeded} of them successful, ${invariants.open.size} open; ` +
    `${journal.requests} requests, ${journal.refreshes} refreshes (${journal.rejectedRefreshes} rejected), ${journal.logins} logins; ` +
    `${sum(disturbed.values())} disturbances`
  );
}

/** The figures of the whole run. @param {Stage} stage @param {ReadonlyMap<string, number>} disturbed */
export function table({ invariants, journal }, disturbed) {
  return [
    section("calls by outcome", invariants.outcomes),
    section("changes of the session", invariants.changes),
    section("disturbances", disturbed),
    section("requests by answer", journal.counts),
  ].join("\n\n");
}

/** What a person needs to understand a violation. @param {Stage} stage @param {number} seed */
export function violation({ invariants, journal, actions }, seed) {
  return [
    `violation: ${invariants.violation} (seed ${seed})`,
    `\nthe last actions:\n  ${actions.join("\n  ")}`,
    `\nthe last requests:\n  ${journal.latest.join("\n  ")}`,
  ].join("\n");
}

/** @param {string} title @param {ReadonlyMap<string, number>} counts */
function section(title, counts) {
  const rows = [...counts].sort(([one], [other]) => one.localeCompare(other));
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return [title, ...rows.map(([name, count]) => `  ${name.padEnd(width)} ${String(count).padStart(7)}`)].join("\n");
}

/** @param {Iterable<number>} numbers */
function sum(numbers) {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
