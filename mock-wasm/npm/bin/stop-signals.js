// @ts-check
// The signals that ask this program to stop.
import process from "node:process";

/** @type {readonly NodeJS.Signals[]} */
export const STOP_SIGNALS = process.platform === "win32" ? ["SIGINT", "SIGBREAK", "SIGHUP"] : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

/** The signals that this program receives. None ends it by itself. */
export class StopSignals {
  /** @type {NodeJS.Signals[]} those that nobody has waited for */
  #arrived = [];
  /** @type {((signal: NodeJS.Signals) => void) | undefined} */
  #waiting;

  constructor() {
    for (const signal of STOP_SIGNALS) process.on(signal, () => this.#receive(signal));
  }

  /** @param {NodeJS.Signals} signal */
  #receive(signal) {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(signal);
    else this.#arrived.push(signal);
  }

  /** Resolves to the next signal. @returns {Promise<NodeJS.Signals>} */
  next() {
    const signal = this.#arrived.shift();
    return signal ? Promise.resolve(signal) : new Promise((resolve) => void (this.#waiting = resolve));
  }

  /** Resolves to a signal that has arrived already and that nobody has waited for. @returns {Promise<NodeJS.Signals | undefined>} */
  async arrived() {
    // The event loop looks for signals between two of these.
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return this.#arrived.shift();
  }

  /** Resolves to the next signal after this time. Earlier ones are ignored. @param {number} milliseconds */
  async nextAfter(milliseconds) {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    this.#arrived = [];
    return this.next();
  }

  /** Calls back for each signal until the returned function is called. @param {(signal: NodeJS.Signals) => void} callback */
  each(callback) {
    let isOver = false;
    const wait = () => {
      this.#waiting = (signal) => {
        wait();
        callback(signal);
      };
    };
    for (const signal of this.#arrived.splice(0)) callback(signal);
    wait();
    return () => {
      if (!isOver) this.#waiting = undefined;
      isOver = true;
    };
  }
}
