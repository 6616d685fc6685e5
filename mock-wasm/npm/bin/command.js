// @ts-check
// The process of `telematics-mock exec`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import process from "node:process";
import { PassedOn, isSentByTerminal, limits, logSecondSignal } from "./module.js";
import { startServer } from "./serving.js";
import { StopSignals } from "./stop-signals.js";
import { describe } from "./system-error.js";

/**
 * @import { ChildProcess } from "node:child_process"
 * @import { ServerTask } from "../wasm/cli_bg.js"
 */

/** Runs a server and a command, until the command has ended. @param {ServerTask} task */
export async function runCommand(task) {
  // Before the command starts, so that it misses no signal.
  const signals = new StopSignals();
  const server = await startServer(task);
  const early = await signals.arrived();
  if (early) {
    await server.stop(Promise.resolve());
    server.program.finish();
    return task.stopped(early, constants.signals[early]);
  }
  const child = spawn(/** @type {string} */ (task.program), task.arguments, { stdio: "inherit", env: { ...process.env, ...variablesOf(server.program.variables()) } });
  const isOver = signals.each(passOn(child));
  try {
    const [code, signal] = await once(child, "exit");
    isOver();
    await server.stop(signals.nextAfter(limits().sameSignal).then(logSecondSignal));
    return server.program.finishCommand(code ?? undefined, constants.signals[/** @type {NodeJS.Signals} */ (signal)] ?? 0);
  } catch (thrown) {
    isOver();
    await server.stop(Promise.resolve());
    server.program.finish();
    return task.notStarted(/** @type {NodeJS.ErrnoException} */ (thrown).code === "ENOENT", describe(thrown));
  }
}

/** @param {string[]} flat names and values in turn */
function variablesOf(flat) {
  /** @type {Record<string, string>} */
  const variables = {};
  for (let index = 0; index < flat.length; index += 2) variables[/** @type {string} */ (flat[index])] = /** @type {string} */ (flat[index + 1]);
  return variables;
}

/**
 * Sends a signal to a command, unless the terminal has sent it already. Node cannot tell whether this process is in the foreground of its
 * terminal: it counts as such if its standard input is a terminal.
 *
 * @param {ChildProcess} child
 */
function passOn(child) {
  const passedOn = new PassedOn();
  const start = performance.now();
  return (/** @type {NodeJS.Signals} */ signal) => {
    const sinceStart = performance.now() - start;
    if (!passedOn.isNew(signal, sinceStart) || (isSentByTerminal(signal, sinceStart) && process.stdin.isTTY)) return;
    child.kill(signal);
  };
}
