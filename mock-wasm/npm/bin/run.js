// @ts-check
// Does what the command line asks for.
import process from "node:process";
import { runCommand } from "./command.js";
import { check } from "./healthcheck.js";
import { machine } from "./machine.js";
import { HealthcheckTask, Printed, limits, logFirstSignal, logSecondSignal, readTask } from "./module.js";
import { end, writeError, writeResult } from "./outputs.js";
import { startServer } from "./serving.js";
import { StopSignals } from "./stop-signals.js";
import { describe } from "./system-error.js";

/** @import * as Tasks from "../wasm/cli_bg.js" */

/** Runs the command line of this process to its end. */
export async function run() {
  const variables = Object.entries(process.env).flatMap(([name, value]) => [name, value ?? ""]);
  const colours = Uint8Array.from([process.stdout, process.stderr], (output) => (mayHaveColours(output) ? 1 : 0));
  const task = readTask(machine, ["telematics-mock", ...process.argv.slice(2)], variables, colours);
  await end(await print(task instanceof Printed ? task : await outcome(task)));
}

/** Prints the text of a run and resolves to the exit code. @param {Tasks.Printed | undefined} printed @returns {Promise<number>} */
async function print(printed) {
  if (!printed) return 0;
  if (printed.toStandardError) writeError(printed.text);
  else {
    const error = await writeResult(printed.text);
    if (error) return print(Printed.unprinted(describe(error)));
  }
  return printed.code;
}

/** @param {Tasks.HealthcheckTask | Tasks.ServerTask} task @returns {Promise<Tasks.Printed | undefined>} */
async function outcome(task) {
  if (task instanceof HealthcheckTask) return check(task);
  try {
    task.prepare();
    return await (task.program === undefined ? serve(task) : runCommand(task));
  } catch (thrown) {
    return Printed.failure(/** @type {Error} */ (thrown).message);
  }
}

/** Whether an output is a terminal whose user has not asked for plain text. @param {NodeJS.WriteStream} output */
function mayHaveColours(output) {
  return output.isTTY && !process.env.NO_COLOR && process.env.TERM !== "dumb";
}

/** Serves until a signal stops the server. @param {Tasks.ServerTask} task */
async function serve(task) {
  // Before the ready line, so that no signal is missed.
  const signals = new StopSignals();
  const server = await startServer(task);
  void writeResult(`${server.program.readyLine}\n`);
  logFirstSignal(await signals.next());
  // Somebody who is in a hurry asks twice.
  await server.stop(signals.nextAfter(limits().sameSignal).then(logSecondSignal));
  server.program.finish();
  return undefined;
}
