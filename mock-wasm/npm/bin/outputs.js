// @ts-check
// Standard output and standard error. A reader that has gone, or reads no more, never stops the server.
import process from "node:process";

/** The characters of the log that wait for the reader, at most; further lines are dropped. */
const WAITING_CHARACTERS = 1 << 20;
/** The time that the last lines have to be written, when the process ends, in milliseconds. */
const LAST_LINES_MS = 200;

// Whoever closed an output does not want to read the rest.
for (const output of [process.stdout, process.stderr]) output.on("error", () => {});

/** @param {string} line with its line break */
export function writeLogLine(line) {
  if (process.stderr.writableLength < WAITING_CHARACTERS) process.stderr.write(line);
}

/** Writes to standard output. @param {string} text */
export function writeResult(text) {
  process.stdout.write(text);
}

/** Writes to standard error. @param {string} text */
export function writeError(text) {
  process.stderr.write(text);
}

/** Ends this process once the outputs are written, or nobody has read them for a short time. @param {number} code */
export async function end(code) {
  const written = [process.stdout, process.stderr].map((output) => new Promise((resolve) => output.write("", resolve)));
  /** @type {Promise<void>} */
  const late = new Promise((resolve) => void setTimeout(resolve, process.stderr.writableLength > 0 ? LAST_LINES_MS : 10 * LAST_LINES_MS));
  await Promise.race([Promise.all(written), late]);
  process.exit(code);
}
