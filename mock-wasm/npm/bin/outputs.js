// @ts-check
// Standard output and standard error. A reader that has gone, or reads no more, never stops the server.
import process from "node:process";

/** The characters of the log that wait for the reader, at most; further lines are dropped. */
const WAITING_CHARACTERS = 1 << 20;
/** The time that the last lines have to be written, when the process ends, in milliseconds. */
const LAST_LINES_MS = 200;

// Each writer looks at its own errors.
for (const output of [process.stdout, process.stderr]) output.on("error", () => {});

/** @param {string} line with its line break */
export function writeLogLine(line) {
  if (process.stderr.writableLength < WAITING_CHARACTERS) process.stderr.write(line);
}

/**
 * Writes to standard output, and resolves to the error if it cannot be written. Whoever closed the output does not want to read the text.
 *
 * @param {string} text
 * @returns {Promise<NodeJS.ErrnoException | undefined>}
 */
export async function writeResult(text) {
  /** @type {NodeJS.ErrnoException | null | undefined} */
  const error = await new Promise((resolve) => process.stdout.write(text, resolve));
  return error && error.code !== "EPIPE" ? error : undefined;
}

/** Writes to standard error. @param {string} text */
export function writeError(text) {
  process.stderr.write(text);
}

/** Ends this process once standard error is written, or nobody has read it for a short time. @param {number} code */
export async function end(code) {
  const written = new Promise((resolve) => process.stderr.write("", resolve));
  const late = new Promise((resolve) => void setTimeout(resolve, LAST_LINES_MS));
  await Promise.race([written, late]);
  process.exit(code);
}
