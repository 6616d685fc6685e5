// @ts-check
// The message of a verification that failed.

/**
 * @import * as Testing from "../testing.d.ts"
 *
 * @typedef {{ request: Testing.JournalEntry, differences: { criterion: string, expected: string, actual: string }[] }} NearMiss
 * @typedef {{ error: string, nearest: NearMiss[] }} Mismatch the server's explanation, and the requests that almost match
 */

/**
 * @param {Testing.RequestMatch} match
 * @param {Mismatch} mismatch
 * @param {boolean} isTooFew whether fewer requests match than expected
 * @param {Testing.JournalEntry[]} matching the last matching requests; listed if there are too many
 */
export function verificationFailure(match, { error, nearest }, isTooFew, matching) {
  const lines = isTooFew ? nearest.map(missLine) : matching.map(requestLine);
  const list = lines.length > 0 ? `${isTooFew ? "; nearest" : "; the last"}:${lines.join("")}` : "";
  return `${error} of ${JSON.stringify(match)}${list}`;
}

/** @param {NearMiss} miss */
function missLine({ request, differences }) {
  const list = differences.map(({ criterion, expected, actual }) => `${criterion} is ${actual} and not ${expected}`);
  return `${requestLine(request)}: ${list.join(", ")}`;
}

/** @param {Testing.JournalEntry} entry */
function requestLine({ number, method, path, status }) {
  return `\n  #${number} ${method} ${path} ${status ?? "without a response"}`;
}
