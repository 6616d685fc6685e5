// @ts-check
// The calls of the control API by name, for a server or for one instance of it. A new call is one method here and its
// declaration in control.d.ts.
import { MockServerError } from "./errors.js";
import { sequenceFailure, verificationFailure } from "./verification.js";

/**
 * @import { ControlApi, Query } from "./control-api.js"
 * @import { Mismatch, SequenceMismatch } from "./verification.js"
 * @import * as Control from "../control.d.ts"
 */

/** The status of a verification that failed. */
const FAILED_VERIFICATION = 409;

/**
 * The API of a server or an instance, for the classes that extend {@link Controls}; it is not part of the public interface.
 *
 * @type {(controls: Controls) => ControlApi}
 */
export let apiOf;

/** @implements {Control.Controls} */
export class Controls {
  static {
    apiOf = (controls) => controls.#api;
  }

  #api;
  /** @type {Query} */
  #scope;

  /**
   * @param {ControlApi} api
   * @param {string} [instance] limits every call to this instance
   */
  constructor(api, instance) {
    this.#api = api;
    this.#scope = { instance };
    this.url = api.url;

    /** @param {{ now: string } & Omit<Control.ClockReading, "now">} reading */
    const asReading = ({ now, ...rest }) => ({ now: new Date(now), ...rest });
    /** @param {object} change */
    const change = async (change) => asReading(await this.#call("POST", "clock", change));
    /** @type {Control.Clock} */
    this.clock = {
      advance: (period) => change({ advance: period }),
      set: async (time) => change({ set: isoTime(time) }),
      freeze: () => change({ freeze: true }),
      reset: async () => asReading(await this.#call("DELETE", "clock")),
      read: async () => asReading(await this.#call("GET", "clock")),
      now: async () => (await this.clock.read()).now,
    };
    /** @param {string} deviceToken */
    const ofUser = (deviceToken) => `users/${encodeURIComponent(deviceToken)}`;
    /** @type {Control.Users} */
    this.users = {
      /** @param {Control.NewUser} [fixture] @returns {Promise<any>} one user or, with a count, an array */
      add: (fixture = {}) => this.#call("POST", "users", fixture),
      list: (filter) => this.#call("GET", "users", undefined, { ...filter }),
      get: (deviceToken) => this.#call("GET", ofUser(deviceToken)),
      change: async (deviceToken, changes) => {
        /** @type {Control.UserTokens | {}} */
        const tokens = await this.#call("PATCH", ofUser(deviceToken), changes);
        return "deviceToken" in tokens ? tokens : undefined;
      },
      remove: async (deviceToken) => void (await this.#call("DELETE", ofUser(deviceToken))),
    };
    /** @type {Control.Faults} */
    this.faults = {
      ...this.#collection("faults"),
      release: async (id) => /** @type {{ released: number }} */ (await this.#call("POST", `faults/${id}/release`)).released,
    };
    /** @type {Control.Barriers} */
    this.barriers = this.#collection("barriers");
  }

  /** @param {Control.MintOptions} options @returns {Promise<string>} */
  async mint(options) {
    /** @type {{ accessToken: string }} */
    const { accessToken } = await this.#call("POST", "tokens", options);
    return accessToken;
  }

  /** @returns {Promise<Control.KeySet>} */
  async keys() {
    return this.#call("GET", "keys");
  }

  /** @param {string} deviceToken @param {Control.TokenKind} which */
  async expire(deviceToken, which) {
    await this.#call("POST", "tokens/expire", { deviceToken, which });
  }

  /** @param {string} deviceToken @returns {Promise<Control.TokenTree>} */
  async tokens(deviceToken) {
    return this.#call("GET", "tokens", undefined, { deviceToken });
  }

  /** @param {Control.RequestFilter} [filter] @returns {Promise<Control.JournalEntry[]>} */
  async requests({ since, before, limit, first, ...match } = {}) {
    return this.#call("GET", "requests", undefined, { match: JSON.stringify(match), since, before, limit, first });
  }

  async clearRequests() {
    await this.#call("DELETE", "requests");
  }

  /** @param {Control.RequestMatch} match @param {Control.Expectation & Control.Wait} expectation @returns {Promise<number>} */
  async verify(match, expectation) {
    return this.#verify(match, expectation);
  }

  /** @param {readonly Control.RequestMatch[]} sequence @param {Control.Wait} [wait] @returns {Promise<number[]>} */
  async verifySequence(sequence, wait) {
    /** @type {{ ok: boolean, requests: number[] } & SequenceMismatch} */
    const result = await this.#api.call("POST", "requests/verify", this.#scope, { sequence, ...wait }, FAILED_VERIFICATION);
    if (result.ok) return result.requests;
    throw new MockServerError(sequenceFailure(sequence, result), { status: FAILED_VERIFICATION, reason: result.error });
  }

  /** @param {Control.RequestMatch} match @param {Control.WaitForRequest} [options] @returns {Promise<Control.JournalEntry>} */
  async waitForRequest(match, { since, within = "4s", signal } = {}) {
    signal?.throwIfAborted();
    try {
      await this.#verify(match, { atLeast: 1, within, ...(since !== undefined && { since }) }, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
    const [entry] = await this.requests({ ...match, first: 1, ...(since !== undefined && { since }) });
    if (entry) return entry;
    throw new MockServerError("The journal was cleared while the request was waited for.");
  }

  /**
   * @param {Control.RequestMatch} match
   * @param {Control.Expectation & Control.Wait} expectation
   * @param {AbortSignal} [signal]
   */
  async #verify(match, expectation, signal) {
    /** @type {{ ok: boolean, count: number } & Mismatch} */
    const result = await this.#api.call("POST", "requests/verify", this.#scope, { match, ...expectation }, FAILED_VERIFICATION, signal);
    if (result.ok) return result.count;
    throw new MockServerError(verificationFailure(match, result), { status: FAILED_VERIFICATION, reason: result.error });
  }

  /** @returns {Promise<Control.Advice[]>} */
  async advice() {
    return /** @type {{ advice: Control.Advice[] }} */ (await this.#call("GET", "advice")).advice;
  }

  /** @param {Control.ReportFormat} format @param {{ source?: string }} [options] */
  async adviceReport(format, { source } = {}) {
    return this.#api.text("GET", "advice", { ...this.#scope, format, source });
  }

  async clearAdvice() {
    await this.#call("DELETE", "advice");
  }

  events() {
    return this.#api.listen(this.#scope);
  }

  /** @param {Control.OutboxFilter} [filter] @returns {Promise<Control.Message[]>} */
  async outbox(filter) {
    return this.#call("GET", "outbox", undefined, { ...filter });
  }

  async clearOutbox() {
    await this.#call("DELETE", "outbox");
  }

  /** @returns {Promise<Control.Settings>} */
  async settings() {
    return this.#call("GET", "settings");
  }

  /** @param {Control.SettingsChange} changes @returns {Promise<Control.Settings>} */
  async configure(changes) {
    return this.#call("PATCH", "settings", changes);
  }

  async snapshot() {
    // Stays text: a state can be large, and its integers can exceed those of JavaScript.
    return this.#api.text("GET", "state", this.#scope);
  }

  /** @param {string} snapshot */
  async restore(snapshot) {
    await this.#call("PUT", "state", snapshot);
  }

  async reset() {
    await this.#call("POST", "reset");
  }

  /**
   * @template T
   * @param {string} method
   * @param {string} path
   * @param {object | string} [body]
   * @param {Query} [query]
   * @returns {Promise<T>}
   */
  #call(method, path, body, query) {
    return this.#api.call(method, path, { ...query, ...this.#scope }, body);
  }

  /** The calls that faults and barriers have in common. @param {string} path */
  #collection(path) {
    return {
      /** @param {{ match?: Control.RequestTarget }} item */
      add: async ({ match = {}, ...rest }) => /** @type {{ id: number }} */ (await this.#call("POST", path, { match, ...rest })).id,
      /** @template T @returns {Promise<T>} */
      list: () => this.#call("GET", path),
      /** @param {number} id */
      remove: async (id) => void (await this.#call("DELETE", `${path}/${id}`)),
      clear: async () => void (await this.#call("DELETE", path)),
    };
  }
}

/** @implements {Control.MockServerConnection} */
export class Connection extends Controls {
  /** @returns {Promise<Control.Health>} */
  async health() {
    /** @type {Partial<Control.Health>} */
    const { status, version } = await apiOf(this).call("GET", "health", {});
    if (status === "ok" && typeof version === "string") return { status, version };
    throw new MockServerError(`The server at ${this.url} is not a mock server: its health response has another format.`);
  }

  /** @param {Control.NewInstance} [options] @returns {Promise<Control.MockInstance>} */
  async createInstance(options = {}) {
    /** @type {Control.InstanceDetails & { admin: Control.Admin }} */
    const { admin, ...instance } = await apiOf(this).call("POST", "instances", {}, options);
    return Object.assign(new Controls(apiOf(this), instance.instanceId), { instance, admin });
  }

  /** @returns {Promise<Control.InstanceSummary[]>} */
  async instances() {
    return apiOf(this).call("GET", "instances", {});
  }

  /** @param {string} instanceId */
  async removeInstance(instanceId) {
    await apiOf(this).call("DELETE", `instances/${encodeURIComponent(instanceId)}`, {});
  }
}

/** A point in time as ISO 8601. @param {string | Date} time */
export function isoTime(time) {
  if (!(time instanceof Date)) return time;
  if (Number.isNaN(time.getTime())) throw new MockServerError("The time is an invalid Date.");
  return time.toISOString();
}
