// @ts-check
// The messages of verifications that failed.

/**
 * @import * as Control from "../control.d.ts"
 *
 * @typedef {{ request: Control.JournalEntry, differences: { criterion: string, expected: string, actual: string }[] }} NearMiss
 * @typedef {{ error: string, nearest: NearMiss[] }} Mismatch the server's explanation, and the requests that explain it
 * @typedef {Mismatch & { unmet: number }} SequenceMismatch `unmet` is the index of the first match that is not met
 */

/** @param {Control.RequestMatch} match @param {Mismatch} mismatch */
export function verificationFailure(match, { error, nearest }) {
  return `${error} of ${JSON.stringify(match)}${list(nearest)}`;
}

/** @param {readonly Control.RequestMatch[]} sequence @param {SequenceMismatch} mismatch */
export function sequenceFailure(sequence, { error, unmet, nearest }) {
  return `${error}: ${JSON.stringify(sequence[unmet])}${list(nearest)}`;
}

/** The nearest misses if there are too few requests. If there are too many, the last of them, which differ in nothing. @param {NearMiss[]} nearest */
function list(nearest) {
  const [first] = nearest;
  if (!first) return "";
  return `; ${first.differences.length > 0 ? "nearest" : "the last"}:${nearest.map(line).join("")}`;
}

/** @param {NearMiss} miss */
function line({ request: { number, method, path, status }, differences }) {
  const list = differences.map(({ criterion, expected, actual }) => `${criterion} is ${actual} and not ${expected}`);
  const request = `\n  #${number} ${method} ${path} ${status ?? "without a response"}`;
  return list.length > 0 ? `${request}: ${list.join(", ")}` : request;
}
