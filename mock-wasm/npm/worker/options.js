// @ts-check
// The options of the mock in a service worker: those of the script, and those in the query of the script's address.
import { MockServerError } from "../control/errors.js";

/**
 * @import { MockOptions } from "../index.d.ts"
 */

/** The path of the mock below the scope of the worker. */
const DEFAULT_PATH = "mock";

/** The options that a page can put into the query, and how they are read. @type {Record<string, (text: string) => unknown>} */
const READERS = {
  url: String,
  seed: (text) => {
    if (/^\d+$/.test(text)) return BigInt(text);
    throw new MockServerError("The parameter seed of the worker's address is not a whole number.");
  },
  clock: String,
};

/**
 * The options of the script win over those of the address.
 *
 * @param {MockOptions} options of the script
 * @param {string} address of the script
 * @param {string} scope of the worker
 * @returns {MockOptions & { url: string }}
 */
export function optionsOf(options, address, scope) {
  /** @type {Record<string, unknown>} */
  const ofAddress = {};
  for (const [name, text] of new URL(address).searchParams) {
    // The address of a site's own script can have others, such as a version.
    const read = READERS[name];
    if (read) ofAddress[name] = read(text);
  }
  const { url = DEFAULT_PATH, ...others } = /** @type {MockOptions} */ ({ ...ofAddress, ...options });
  if (!URL.canParse(url, scope)) throw new MockServerError("The url of the mock in the worker is not a valid address.");
  return { ...others, url: new URL(url, scope).href.replace(/\/+$/, "") };
}

/**
 * Puts options into the query of the worker's address. The browser keeps the address, so the worker has them whenever it starts. Others are
 * refused: addresses appear in logs.
 *
 * @param {URL} address of the script
 * @param {{ url?: string | URL, seed?: number | bigint, clock?: string | Date }} options
 */
export function withOptions(address, options) {
  const whole = new URL(address);
  for (const [name, value] of Object.entries(options)) {
    if (!(name in READERS)) throw new MockServerError(`startMockWorker: ${name} is unknown; the known options are script, scope, type, ${Object.keys(READERS).join(", ")}.`);
    if (value !== undefined) whole.searchParams.set(name, value instanceof Date ? value.toISOString() : String(value));
  }
  return whole;
}
