// @ts-check
// The program of the mock server: which one is started.
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} Program
 * @property {string} path its file
 * @property {readonly string[]} args what it is called with before other arguments
 * @property {string} origin what names the file: an option, a variable or a package
 */

const NAME = "telematics-mock";
const FILE = process.platform === "win32" ? `${NAME}.exe` : NAME;
/** The optional package that has the program for this platform. */
const PACKAGE = `${NAME}-${process.platform}-${process.arch}`;

/** What to do if the program is missing or cannot be run. */
export const REMEDY = `install it with \`npm install --save-dev ${PACKAGE}\`, or with \`cargo install --path mock-server\` in the repository of the kit, or build it there with \`cargo build -p telematics-mock\` and name target/debug/telematics-mock in the option \`binary\` or in TELEMATICS_MOCK_BIN.`;

/** The value of TELEMATICS_MOCK_BIN for the program that needs no native one. */
const NONE = "none";
/**
 * The program to start: the option `binary`, otherwise TELEMATICS_MOCK_BIN, otherwise the package for this platform, otherwise PATH,
 * otherwise the WebAssembly of this package.
 *
 * @param {string | URL | undefined} binary
 * @param {NodeJS.ProcessEnv} env of the server
 * @returns {Program}
 */
export function chooseProgram(binary, env) {
  if (binary) return { path: binary instanceof URL ? fileURLToPath(binary) : binary, args: [], origin: "the option `binary`" };
  const named = namedProgram(env);
  const native = named ?? programInPackage() ?? onPath(env);
  if (native && native !== NONE) return native;
  // The runtime that runs this test: Node, Bun or Deno.
  return { path: process.execPath, args: [...("Deno" in globalThis ? ["run", "-A"] : []), ownCommand()], origin: "this package" };
}

/** The file of the command `telematics-mock` of this package. */
function ownCommand() {
  return join(folderOf(NAME), "bin", `${NAME}.js`);
}

/** The folder of an installed package; throws if it is not installed. @param {string} name */
function folderOf(name) {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}

/**
 * The program of TELEMATICS_MOCK_BIN; `"none"` if that asks for the WebAssembly of this package.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Program | "none" | undefined}
 */
export function namedProgram(env) {
  const path = env.TELEMATICS_MOCK_BIN;
  if (path === NONE) return NONE;
  return path ? { path, args: [], origin: "TELEMATICS_MOCK_BIN" } : undefined;
}

/** The program in the package for this platform. @returns {Program | undefined} */
export function programInPackage() {
  try {
    return { path: join(folderOf(PACKAGE), FILE), args: [], origin: `the package ${PACKAGE}` };
  } catch {
    return undefined;
  }
}

/** @param {NodeJS.ProcessEnv} env @returns {Program | undefined} */
function onPath(env) {
  const folders = (env.PATH ?? env.Path ?? "").split(delimiter).filter(Boolean);
  const path = folders.map((folder) => join(folder, FILE)).find(isFile);
  return path === undefined ? undefined : { path, args: [], origin: "PATH" };
}

/** @param {string} path */
function isFile(path) {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The sentence about a program that cannot be run. @param {Program} program @param {Error & { code?: string }} cause */
export function cannotRun({ path, origin }, { code, message }) {
  const problem = code === "ENOENT" ? `was not found (named by ${origin})` : `cannot be run (${code ?? message}; named by ${origin})`;
  return `${path} ${problem}: ${REMEDY}`;
}
