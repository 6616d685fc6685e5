// @ts-check
// The native program: whether there is one, and how it runs in place of this one.
import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { constants } from "node:os";
import process from "node:process";
import { endWithThisProcess } from "../server/process.js";
import { cannotRun, namedProgram, programInPackage } from "../server/program.js";
import { STOP_SIGNALS } from "./stop-signals.js";

/** @import { Program } from "../server/program.js" */

/**
 * The program of TELEMATICS_MOCK_BIN, otherwise the one in the package for this platform. Not one on PATH: npx puts this command there.
 *
 * @param {string} self the file of this command, which a variable may name too
 * @returns {Program | undefined}
 */
export function nativeProgram(self) {
  const program = namedProgram(process.env);
  if (program === "none") return undefined;
  const native = program ?? programInPackage();
  return native && isSame(native.path, self) ? undefined : native;
}

/** @param {string} one @param {string} other */
function isSame(one, other) {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

/**
 * Runs the program with the input and the outputs of this one, passes signals on to it, and ends with its code. The program ends when this process
 * is killed.
 *
 * @param {Program} program
 * @param {string[]} args
 */
export function runNative(program, args) {
  // Before the program starts, so that it misses no signal. A terminal sends its signals to both, and the program counts two of the same
  // signal that arrive together as one.
  for (const signal of STOP_SIGNALS) process.on(signal, () => child.kill(signal));
  const child = spawn(program.path, args, { stdio: "inherit" });
  endWithThisProcess(child);
  child.once("error", (cause) => {
    process.stderr.write(`telematics-mock: ${cannotRun(program, cause)}\n`);
    process.exitCode = 1;
  });
  child.once("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)]));
}
