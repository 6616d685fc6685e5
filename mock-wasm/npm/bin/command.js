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
  const env = { ...process.env, ...variablesOf(server.program.variables()) };
  const program = /** @type {string} */ (task.program);
  let command;
  try {
    command = await start(program, task.arguments, env);
  } catch (thrown) {
    await server.stop(Promise.resolve());
    server.program.finish();
    return task.notStarted(isMissing(program, thrown), describe(thrown));
  }
  const isOver = signals.each(passOn(command.child));
  const [code, signal] = await command.end;
  isOver();
  await server.stop(signals.nextAfter(limits().sameSignal).then(logSecondSignal));
  return server.program.finishCommand(code ?? undefined, constants.signals[/** @type {NodeJS.Signals} */ (signal)] ?? 0);
}

/**
 * Starts a command. Rejects if it cannot be started: Node throws some of the reasons, and emits others.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
async function start(program, args, env) {
  const child = spawn(program, args, { stdio: "inherit", env });
  /** @type {Promise<[number | null, NodeJS.Signals | null]>} */
  const end = new Promise((resolve) => child.once("exit", (...how) => resolve(how)));
  await once(child, "spawn");
  // A signal that could not be sent, for example because the command has changed its user. The command still runs.
  child.on("error", () => {});
  return { child, end };
}

/** Whether there is no program of this name. Node refuses an empty name by itself. @param {string} program @param {unknown} thrown */
const isMissing = (program, thrown) => program === "" || /** @type {NodeJS.ErrnoException} */ (thrown).code === "ENOENT";

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
