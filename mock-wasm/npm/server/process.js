// @ts-check
// The process of the mock server: starts it, waits for its ready line, and ends it.
import { spawn } from "node:child_process";
import process from "node:process";
import { MockServerError } from "../control/errors.js";
import { cannotRun, chooseProgram } from "./program.js";

/**
 * @import { ChildProcess, ChildProcessByStdio } from "node:child_process"
 * @import { Readable } from "node:stream"
 * @import { Program } from "./program.js"
 * @import { ServerDetails } from "../server.d.ts"
 *
 * @typedef {ChildProcessByStdio<null, Readable, Readable>} Child
 * @typedef {{ readonly details: ServerDetails, stop(): Promise<void> }} ServerProcess
 */

/** The server must be ready within this time, in milliseconds. */
const READY_MS = 10_000;
/** The server must end within this time, in milliseconds. It gives open connections half of it to finish. */
const STOP_MS = 10_000;
/** How much of the server's standard error is kept until it is ready, in characters. */
const KEPT_CHARACTERS = 10_000;

// Read at import time, before a test replaces them with fake timers.
const { setTimeout, clearTimeout } = globalThis;

/**
 * Starts the program and resolves once it is ready.
 *
 * @param {string | URL | undefined} binary
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<ServerProcess>}
 */
export async function startProcess(binary, args, env) {
  const program = chooseProgram(binary, env);
  const child = spawn(program.path, [...program.args, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  endWithThisProcess(child);
  const details = await readiness(child, program);
  return { details, stop: () => stop(child) };
}

/**
 * Ends the server when this process has ended, even by SIGKILL: then the standard input of the shell is closed. On Windows there is no such
 * shell, and the server stays if this process is killed.
 *
 * @param {ChildProcess} child
 */
export function endWithThisProcess(child) {
  if (child.pid === undefined) return;
  const script = 'read -r nothing; kill -TERM "$1"';
  const guard = spawn("/bin/sh", ["-c", script, "sh", `${child.pid}`], { stdio: ["pipe", "ignore", "ignore"] });
  guard.once("error", () => process.once("exit", () => child.kill()));
  child.once("exit", () => guard.kill());
  release(guard, guard.stdin);
}

/**
 * Waits for the ready line.
 *
 * @param {Child} child
 * @param {Program} program
 * @returns {Promise<ServerDetails>}
 */
async function readiness(child, program) {
  let [line, errors] = ["", ""];
  const keep = (/** @type {string} */ chunk) => void (errors = (errors + chunk).slice(-KEPT_CHARACTERS));
  child.stderr.setEncoding("utf8").on("data", keep);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {MockServerError | undefined} */
  const failure = await new Promise((settle) => {
    child.once("error", (cause) => settle(new MockServerError(cannotRun(program, cause), { cause })));
    // Not "exit": at "close" all output has arrived.
    child.once("close", (code, signal) => settle(new MockServerError(errors.trim() || `${program.path} ended with ${code ?? signal} before it was ready.`)));
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      line += chunk;
      if (line.includes("\n")) settle(undefined);
    });
    timer = setTimeout(() => settle(new MockServerError(`${program.path} was not ready within ${READY_MS / 1000} s.`)), READY_MS);
  });
  clearTimeout(timer);
  const details = failure ? undefined : readyLine(line);
  if (!details) {
    child.kill("SIGKILL");
    release(child, child.stdout, child.stderr);
    throw failure ?? new MockServerError(`${program.path} is not a mock server of this version: its first line is not a ready line.`);
  }
  // A full pipe would stop the server, so its standard output is drained and its standard error is shown.
  child.stdout.removeAllListeners("data").resume();
  child.stderr.off("data", keep).on("data", (chunk) => process.stderr.write(chunk));
  if (errors) process.stderr.write(errors);
  release(child, child.stdout, child.stderr);
  return details;
}

/** @param {string} line @returns {ServerDetails | undefined} */
function readyLine(line) {
  try {
    const ready = JSON.parse(line);
    return ready.event === "ready" ? ready : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Ends the server and waits until it is gone.
 *
 * @param {Child} child
 */
async function stop(child) {
  let isAsked = false;
  if (child.exitCode === null && child.signalCode === null) {
    child.ref();
    const exit = new Promise((resolve) => child.once("exit", resolve));
    isAsked = child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await exit;
    clearTimeout(timer);
  }
  const { exitCode, signalCode } = child;
  // Deno names the signal that was sent, also if the process has ended by itself. On Windows each signal ends a process at once.
  if (isAsked && signalCode === "SIGTERM") return;
  if (exitCode !== 0) throw new MockServerError(`The mock server ended with ${exitCode ?? signalCode}.`);
}

/**
 * Allows this process to end while these handles are open.
 *
 * @param {...object} handles
 */
function release(...handles) {
  for (const handle of handles) if ("unref" in handle && typeof handle.unref === "function") handle.unref();
}
