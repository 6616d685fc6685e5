// @ts-check
// A lock file with the number of the process that has it. Node cannot lock a file as the native server does, so that the end of a process
// unlocks it. Here a lock counts as long as its process runs: it stays when a process is killed, and the next one takes it over.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";

/**
 * Locks, unless a process that runs has the lock. Throws if the file cannot be written.
 *
 * @param {string} path
 */
export function lock(path) {
  // Written beside and then linked: nobody reads a lock file without a number.
  const own = `${path}.${process.pid}`;
  writeFileSync(own, `${process.pid}\n`, { mode: 0o600 });
  try {
    return linked(own, path) || (isLeft(path, `${own}.left`) && linked(own, path));
  } finally {
    rmSync(own, { force: true });
  }
}

/** Unlocks what this process has locked. @param {string} path */
export function unlock(path) {
  if (holder(path) === process.pid) rmSync(path, { force: true });
}

/** Whether the lock file is there now because of this call. @param {string} own @param {string} path */
function linked(own, path) {
  try {
    linkSync(own, path);
    return true;
  } catch (thrown) {
    if (/** @type {NodeJS.ErrnoException} */ (thrown).code === "EEXIST") return false;
    throw thrown;
  }
}

/**
 * Whether a process that has ended has left the lock file, which is then removed.
 *
 * @param {string} path
 * @param {string} aside where the file is looked at: another process may take it over at the same time
 */
function isLeft(path, aside) {
  if (isRunning(holder(path))) return false;
  renameSync(path, aside);
  try {
    if (!isRunning(holder(aside))) return true;
    linked(aside, path);
    return false;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** The process that a lock file names; 0 if it names none. @param {string} path */
function holder(path) {
  try {
    return Number.parseInt(readFileSync(path, "utf8"), 10) || 0;
  } catch {
    return 0;
  }
}

/** @param {number} pid */
function isRunning(pid) {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // A process of somebody else runs.
    return /** @type {NodeJS.ErrnoException} */ (thrown).code === "EPERM";
  }
}
