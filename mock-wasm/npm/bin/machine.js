// @ts-check
// The files of this machine and the log, as the WebAssembly asks for them: synchronously.
import { closeSync, existsSync, fsyncSync, lstatSync, mkdirSync, openSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { lock, unlock } from "./lock.js";
import { writeLogLine } from "./outputs.js";
import { describe } from "./system-error.js";

/** @param {string} path */
const statOf = (path) => statSync(path, { throwIfNoEntry: false });

/** @template T @param {() => T} attempt @returns {T | undefined} */
const orNothing = (attempt) => {
  try {
    return attempt();
  } catch {
    return undefined;
  }
};

/** The path of a name in a folder, which is not changed in any other way. @param {string} folder @param {string} name */
const below = (folder, name) => (folder.endsWith("/") ? folder + name : `${folder}/${name}`);

/** An error that says why a file cannot be taken. @param {unknown} cause @param {string} refused @param {string} [path] */
const refusal = (cause, refused, path) => Object.assign(cause instanceof Error ? cause : new Error(refused), { refused, path });

export const machine = {
  /** @param {string} path @returns {Uint8Array} */
  read: (path) => readFileSync(path),
  /** @param {string} path */
  isFile: (path) => orNothing(() => statOf(path)?.isFile()) ?? false,
  /** @param {string} path */
  isFolder: (path) => orNothing(() => statOf(path)?.isDirectory()) ?? false,
  /** @param {string} path */
  exists: (path) => orNothing(() => lstatSync(path)) !== undefined,
  /** @param {string} folder */
  list: (folder) => readdirSync(folder).map((name) => below(folder, name)),
  join: below,
  /** @param {string} folder */
  createFolder: (folder) => void mkdirSync(folder, { recursive: true }),
  /** @param {string} path @param {Uint8Array} content @param {boolean} replaces */
  write: (path, content, replaces) => writeFileSync(path, content, { flag: replaces ? "w" : "wx" }),
  take,
  replace,
  /** @param {string} path */
  release: (path) => unlock(lockOf(path)),
  describe,
  log: writeLogLine,
};

/** @param {string} path */
const lockOf = (path) => `${path}.pid`;

/**
 * Takes a file for this process alone.
 *
 * @param {string} given
 */
function take(given) {
  const path = existsSync(given) ? realpathSync(given) : given;
  const folder = dirname(path);
  if (!machine.isFolder(folder)) throw refusal(undefined, "no-folder", folder);
  let isLocked;
  try {
    isLocked = lock(lockOf(path));
  } catch (cause) {
    throw refusal(cause, "not-written", lockOf(path));
  }
  if (!isLocked) throw refusal(undefined, "in-use");
  return path;
}

/**
 * Replaces a file so that a reader finds the old content or the new one, whole. Only the owner may read it.
 *
 * @param {string} path
 * @param {Uint8Array} content
 */
function replace(path, content) {
  const fresh = `${path}.new`;
  // What a killed server has left there; if it is a link, the file that it leads to stays as it is.
  rmSync(fresh, { force: true });
  try {
    const file = openSync(fresh, "wx", 0o600);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, path);
  } catch (thrown) {
    rmSync(fresh, { force: true });
    throw thrown;
  }
  // A rename is durable once the folder is written. Windows has no way to write one.
  if (process.platform === "win32") return;
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
