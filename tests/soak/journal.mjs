// @ts-check

/** @typedef {import("telematics-mock/server").JournalEntry} JournalEntry */

const LOGIN = "/v1/Auth/Login";
const REFRESH = "/v1/Auth/RefreshToken";
/** The statuses with which the service rejects a refresh token (rule 4). */
const REJECTING = [400, 401, 403, 404, 419, 422];
/** How many of the latest requests are kept for the report. */
const KEPT = 40;

/** Follows the journal of the mock server while the soak runs, and holds the logins against rule 4. */
export class Journal {
  #mock;
  #since = 0;
  /** @type {JournalEntry[]} */
  #latest = [];
  /** The number of requests for each line of the report. @type {Map<string, number>} */
  counts = new Map();
  /** The logins that got an answer. */
  logins = 0;
  refreshes = 0;
  rejectedRefreshes = 0;
  requests = 0;

  /** @param {import("telematics-mock/server").MockInstance} mock */
  constructor(mock) {
    this.#mock = mock;
  }

  /** Reads the new entries; resolves to a violation or null. */
  async follow() {
    /** @type {string | null} */
    let violation = null;
    for (const entry of await this.#mock.requests({ since: this.#since })) {
      this.#since = entry.number;
      this.#count(entry);
      // Every login follows a refresh that the service rejected, in the same renewal.
      if (this.logins > this.rejectedRefreshes) {
        violation ??= `request ${entry.number} is login ${this.logins} after ${this.rejectedRefreshes} rejected refreshes`;
      }
    }
    return violation;
  }

  /** @param {JournalEntry} entry */
  #count(entry) {
    this.requests += 1;
    this.#latest = [...this.#latest.slice(1 - KEPT), entry];
    const line = `${entry.method} ${entry.path} ${entry.status ?? "–"}`;
    this.counts.set(line, (this.counts.get(line) ?? 0) + 1);
    // Chromium itself sends a request again if a connection that it has used before ends without an answer.
    if (entry.path === LOGIN && entry.status !== null) this.logins += 1;
    if (entry.path !== REFRESH) return;
    this.refreshes += 1;
    if (REJECTING.includes(entry.status ?? 0)) this.rejectedRefreshes += 1;
  }

  /** The latest requests, one line each. */
  get latest() {
    return this.#latest.map(
      ({ number, at, method, path, status, fault, hint }) =>
        `${number} ${at} ${method} ${path} ${status ?? "–"}${fault === null ? "" : ` (fault ${fault})`}${hint === null ? "" : ` ${hint}`}`,
    );
  }
}
