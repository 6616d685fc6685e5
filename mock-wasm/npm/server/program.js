// @ts-check
// The program of the mock server: which one is started.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { MockServerError } from "../control/errors.js";

/**
 * @typedef {object} Program
 * @property {string} path its file
 * @property {string} origin what names the file: an option, a variable or a package
 */

const NAME = "telematics-mock";
const FILE = process.platform === "win32" ? `${NAME}.exe` : NAME;
/** The optional package that has the program for this platform. */
const PACKAGE = `${NAME}-${process.platform}-${process.arch}`;

/** What to do if the program is missing or cannot be run. */
export const REMEDY = `install it with \`npm install --save-dev ${PACKAGE}\`, or with \`cargo install --path mock-server\` in the repository of the kit, or build it there with \`cargo build -p telematics-mock\` and name target/debug/telematics-mock in the option \`binary\` or in TELEMATICS_MOCK_BIN.`;

/**
 * The program to start: the option `binary`, otherwise TELEMATICS_MOCK_BIN, otherwise the package for this platform, otherwise PATH.
 *
 * @param {string | URL | undefined} binary
 * @param {NodeJS.ProcessEnv} env of the server
 * @returns {Program}
 */
export function chooseProgram(binary, env) {
  if (binary) return { path: binary instanceof URL ? fileURLToPath(binary) : binary, origin: "the option `binary`" };
  const named = process.env.TELEMATICS_MOCK_BIN;
  if (named) return { path: named, origin: "TELEMATICS_MOCK_BIN" };
  const program = inPackage() ?? onPath(env);
  if (program) return program;
  throw new MockServerError(`${NAME} was not found (named by PATH): ${REMEDY}`);
}

/** @returns {Program | undefined} */
function inPackage() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
    return { path: join(dirname(manifest), FILE), origin: `the package ${PACKAGE}` };
  } catch {
    return undefined;
  }
}

/** @param {NodeJS.ProcessEnv} env @returns {Program | undefined} */
function onPath(env) {
  const folders = (env.PATH ?? env.Path ?? "").split(delimiter).filter(Boolean);
  const path = folders.map((folder) => join(folder, FILE)).find((file) => existsSync(file));
  return path === undefined ? undefined : { path, origin: "PATH" };
}
