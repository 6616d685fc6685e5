// @ts-check
// A lock file with the number of the process that has it. Node cannot lock a file as the native server does, so that the end of a process
// unlocks it. Here a lock counts as long as its process runs: it stays when a process is killed, and the next one takes it over.
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";

/** The lock files of this process. Another one with its number was left by an earlier process: in a container they have the same numbers. */
const locked = new Set();

/**
 * Locks, unless a process that runs has the lock. Throws if the file cannot be written.
 *
 * @param {string} path
 */
export function lock(path) {
  // Written beside and then linked: nobody reads a lock file without a number.
  const own = `${path}.${process.pid}`;
  rmSync(own, { force: true });
  writeFileSync(own, `${process.pid}\n`, { mode: 0o600, flag: "wx" });
  try {
    const isLocked = linked(own, path) || (stateOf(path) !== "held" && takesOver(own, path));
    if (isLocked) locked.add(path);
    return isLocked;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Unlocks what this process has locked. @param {string} path */
export function unlock(path) {
  if (locked.delete(path)) rmSync(path, { force: true });
}

/** Whether the lock file is there now because of this call. @param {string} own @param {string} path */
function linked(own, path) {
  try {
    linkSync(own, path);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === "EEXIST") return false;
    throw thrown;
  }
}

/**
 * Whether this process has taken a lock over. One process at a time may remove a lock file that was left: a slower one would remove the new
 * lock of a faster one.
 *
 * @param {string} own
 * @param {string} path
 */
function takesOver(own, path) {
  const claim = `${path}.takeover`;
  // It stays only if a process is killed between here and the end of this function.
  if (!linked(own, claim)) {
    if (stateOf(claim) === "held") return false;
    rmSync(claim, { force: true });
    if (!linked(own, claim)) return false;
  }
  try {
    if (stateOf(path) === "left") rmSync(path, { force: true });
    return linked(own, path);
  } finally {
    rmSync(claim, { force: true });
  }
}

/**
 * Whether a process that runs has the lock file, or one that has ended has left it.
 *
 * @param {string} path
 * @returns {"held" | "left" | "gone"}
 */
function stateOf(path) {
  let text;
  try {
    text = readFileSync(path, "utf8");
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return "gone";
    // The file of somebody else, whose process may run.
    if (codeOf(thrown) === "EACCES") return "held";
    throw thrown;
  }
  const holder = Number.parseInt(text, 10);
  const isHeld = holder === process.pid ? locked.has(path) : isRunning(holder);
  return isHeld ? "held" : "left";
}

/** @param {number} pid not a number if a file names no process */
function isRunning(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // A process of somebody else runs.
    return codeOf(thrown) === "EPERM";
  }
}

/** @param {unknown} thrown */
const codeOf = (thrown) => /** @type {NodeJS.ErrnoException} */ (thrown).code;
