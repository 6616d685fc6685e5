// @ts-check
// Errors of the operating system in the words of the native program.
import { getSystemErrorMap } from "node:util";

/**
 * The words of an error, with a capital, and its number.
 *
 * @param {unknown} thrown
 */
export function describe(thrown) {
  const { errno, message } = /** @type {NodeJS.ErrnoException} */ (thrown instanceof Error ? thrown : new Error(String(thrown)));
  if (errno === undefined) return message;
  const words = getSystemErrorMap().get(errno)?.[1] ?? message;
  return `${words.charAt(0).toUpperCase()}${words.slice(1)} (os error ${Math.abs(errno)})`;
}
