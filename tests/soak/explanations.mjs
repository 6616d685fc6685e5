// @ts-check

/** How long an effect can outlast its cause: a response can be under way, and this process learns of an outcome late. */
const LAG_MS = 1_500;

/**
 * The error codes with which calls may reject because of a disturbance.
 *
 * @typedef {object} Window
 * @property {string} kind
 * @property {readonly string[]} codes
 * @property {number} from
 * @property {number} until
 * @property {number | null} tab the only tab that it concerns
 */

/** Decides whether a disturbance explains that a call failed. All times are those of `performance.now()`. */
export class Explanations {
  /** @type {Window[]} */
  #windows = [];

  /**
   * Opens a window; returns a function that closes it.
   *
   * @param {string} kind @param {readonly string[]} codes
   * @param {{ tab?: number | null, afterMs?: number }} [details] `afterMs` is how long the client goes on failing after the end
   */
  open(kind, codes, { tab = null, afterMs = 0 } = {}) {
    const window = { kind, codes, from: performance.now(), until: Infinity, tab };
    this.#windows.push(window);
    return () => void (window.until = performance.now() + afterMs);
  }

  /** Notes an event without a duration. @param {string} kind @param {readonly string[]} codes @param {number | null} [tab] */
  note(kind, codes, tab = null) {
    this.open(kind, codes, { tab })();
  }

  /** @param {{ tab: number, code: string, begun: number, settled: number }} call */
  explains({ tab, code, begun, settled }) {
    return this.#windows.some(
      (window) =>
        window.codes.includes(code) &&
        (window.tab === null || window.tab === tab) &&
        window.from - LAG_MS <= settled &&
        window.until + LAG_MS >= begun,
    );
  }

  /** When the last effect of all disturbances that have ended is over. */
  get over() {
    return Math.max(0, ...this.#windows.map(({ until }) => until)) + LAG_MS;
  }
}
