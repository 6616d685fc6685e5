// @ts-check
import { Explanations } from "./explanations.mjs";

/**
 * How long a call may take, in milliseconds. It can wait twice for a renewal (ten seconds for the turn of the tab, a refresh and a
 * login of up to `timeoutMs`, and the 1.5 seconds in which another tab may store a session), and send its own request six times,
 * each up to `timeoutMs`, with pauses of at most two seconds in between. The rest is for a busy machine.
 *
 * @param {number} timeoutMs
 */
export const boundOfCall = (timeoutMs) => 2 * (10_000 + 2 * timeoutMs + 1_500) + 6 * (timeoutMs + 2_000) + 15_000;

/** @typedef {{ tab: number, verb: string, begun: number, aborts: boolean, frozenMs: number }} Call */

/** Watches what the tabs report. The first violation ends the soak. */
export class Invariants {
  explanations = new Explanations();
  /** @type {string | null} */
  violation = null;
  /** The calls that have not settled. @type {Map<number, Call>} */
  open = new Map();
  /** How often each verb ended with each code. @type {Map<string, number>} */
  outcomes = new Map();
  /** How often the session changed in each way. @type {Map<string, number>} */
  changes = new Map();
  #boundMs;
  #nextId = 1;
  /** @type {string | null} */
  deviceToken = null;

  /** @param {number} timeoutMs the time limit of a request */
  constructor(timeoutMs) {
    this.#boundMs = boundOfCall(timeoutMs);
  }

  /** @param {string} sentence */
  violate(sentence) {
    this.violation ??= sentence;
  }

  /** Registers calls that a tab is about to begin; returns their ids. @param {number} tab @param {string} verb @param {number} count @param {boolean} aborts */
  begin(tab, verb, count, aborts) {
    return Array.from({ length: count }, () => {
      const id = this.#nextId++;
      this.open.set(id, { tab, verb, begun: performance.now(), aborts, frozenMs: 0 });
      return id;
    });
  }

  /** Forgets the calls of a tab that no longer exists. @param {number} tab */
  forget(tab) {
    for (const [id, call] of this.open) if (call.tab === tab) this.open.delete(id);
  }

  /** The time in which a tab was frozen does not count for its calls. @param {number} tab @param {number} ms */
  excuse(tab, ms) {
    for (const call of this.open.values()) if (call.tab === tab) call.frozenMs += ms;
  }

  /** @param {number} tab @param {import("./page.js").TabEvent} event */
  hear(tab, event) {
    if (event.type === "settled") return this.#settled(event);
    if (event.type === "warning") return this.violate(`tab ${tab} received the warning ${event.code}`);
    const name = `${event.kind} (${event.origin})`;
    this.changes.set(name, (this.changes.get(name) ?? 0) + 1);
    if (event.kind === "signed-out" || event.kind === "expired") this.violate(`tab ${tab} was signed out: ${name}`);
  }

  /** @param {Extract<import("./page.js").TabEvent, { type: "settled" }>} event */
  #settled({ id, code, deviceToken }) {
    const call = this.open.get(id);
    if (!call) return;
    this.open.delete(id);
    const outcome = `${call.verb}: ${code ?? "success"}`;
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    if (deviceToken !== this.deviceToken) this.violate(`after call ${id} tab ${call.tab} has ${deviceToken ? "another user" : "no user"}`);
    if (code === null || (call.aborts && code === "aborted")) return;
    const settled = performance.now();
    if (this.explanations.explains({ ...call, code, settled })) return;
    this.violate(`call ${id} (${call.verb} in tab ${call.tab}) rejected with ${code} after ${Math.round(settled - call.begun)} ms, and no disturbance explains that`);
  }

  /** Finds calls that hang. @param {ReadonlySet<number>} frozen the tabs that are frozen now */
  findHangingCalls(frozen) {
    for (const [id, { tab, verb, begun, frozenMs }] of this.open) {
      const ms = performance.now() - begun - frozenMs;
      if (!frozen.has(tab) && ms > this.#boundMs) this.violate(`call ${id} (${verb} in tab ${tab}) has not settled after ${Math.round(ms)} ms`);
    }
  }
}
