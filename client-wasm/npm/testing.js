// @ts-check
// Starts the mock server and controls it, for tests in Node; no page ever loads this file.
import { spawn } from "node:child_process";
import { request } from "node:http";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/**
 * @import { ChildProcessByStdio } from "node:child_process"
 * @import { ClientRequest, IncomingMessage } from "node:http"
 * @import { Readable } from "node:stream"
 * @import * as Testing from "./testing.js"
 * @typedef {Record<string, string | number | undefined>} Query
 * @typedef {ChildProcessByStdio<null, Readable, Readable>} Child
 */

const PROGRAM = "telematics-mock";
/** How long the server may take to be ready, in milliseconds. */
const READY_MS = 10_000;
/** How long the server may take to end, in milliseconds; it lets open connections finish for half of that. */
const STOP_MS = 10_000;
/** How much of what the server says before it is ready is kept, in characters. */
const KEPT_CHARACTERS = 10_000;
/** How many requests an error lists. */
const SHOWN = 3;

// Taken before a test can put fake ones in their place.
const { setTimeout, clearTimeout } = globalThis;

export class MockServerError extends Error {
  static {
    this.prototype.name = "MockServerError";
  }

  /**
   * @param {string} message
   * @param {{ status?: number, field?: string, cause?: unknown }} [details]
   */
  constructor(message, { status, field, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.field = field;
  }
}

/** @type {typeof Testing.startMockServer} */
export async function startMockServer({ binary, args = [], seed, clock, env: own } = {}) {
  const program = binary instanceof URL ? fileURLToPath(binary) : binary || process.env.TELEMATICS_MOCK_BIN || PROGRAM;
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    TELEMATICS_MOCK_LOG: "warn",
    ...process.env,
    // By the environment, because that is what `args` beats.
    TELEMATICS_MOCK_PORT: "0",
    ...(seed !== undefined && { TELEMATICS_MOCK_SEED: String(seed) }),
    ...(clock !== undefined && { TELEMATICS_MOCK_CLOCK: asTime(clock) }),
    ...own,
    TELEMATICS_MOCK_JSON: "true",
  };
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  watch(child);
  const ready = await readiness(child, program);
  return new Server(child, ready, new Plane(ready.url, env.TELEMATICS_MOCK_CONTROL_TOKEN));
}

/** @type {typeof Testing.connectMockServer} */
export function connectMockServer(url, { controlToken } = {}) {
  return new Connection(new Plane(String(url), controlToken));
}

/** The control API of a server, without a meaning. */
class Plane {
  /** @type {Set<EventStream>} */
  #streams = new Set();
  #token;

  /**
   * @param {string} url
   * @param {string | undefined} token
   */
  constructor(url, token) {
    this.url = url.replace(/\/+$/, "");
    this.#token = token;
  }

  /**
   * Makes a call and gives what was answered, or rejects with the server's own sentence.
   *
   * @template T
   * @param {string} method
   * @param {string} path
   * @param {Query} query
   * @param {object | string} [body]
   * @returns {Promise<T>}
   */
  async call(method, path, query, body) {
    return this.parsed(await this.text(method, path, query, body));
  }

  /**
   * As {@link call}, with the text of the answer as it came.
   *
   * @param {string} method
   * @param {string} path
   * @param {Query} query
   * @param {object | string} [body]
   */
  async text(method, path, query, body) {
    const { status, said } = await this.exchange(method, path, query, body);
    if (status < 400) return said;
    throw refused(method, path, status, this.parsed(said));
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Query} query
   * @param {object | string} [body]
   */
  async exchange(method, path, query, body) {
    try {
      const response = await answered(this.#request(method, path, query, body));
      return { status: Number(response.statusCode), said: await text(response) };
    } catch (cause) {
      throw new MockServerError(`${method} ${path}: the mock server at ${this.url} does not answer: ${saying(cause)}.`, { cause });
    }
  }

  /** @param {string} said */
  parsed(said) {
    try {
      return JSON.parse(said);
    } catch (cause) {
      throw new MockServerError(`What answers at ${this.url} is no mock server: it speaks something else than JSON.`, { cause });
    }
  }

  /** @param {Query} query */
  listen(query) {
    const stream = new EventStream(this.#request("GET", "/__mock/events", query), () => this.#streams.delete(stream));
    this.#streams.add(stream);
    return stream;
  }

  /** Ends whatever listens, which would keep the server from ending at once. */
  async close() {
    await Promise.all([...this.#streams].map((stream) => stream.return()));
  }

  /**
   * By `node:http` and with a connection of its own: a test may replace the global `fetch`, or look at its connections.
   *
   * @param {string} method
   * @param {string} path
   * @param {Query} query
   * @param {object | string} [body]
   */
  #request(method, path, query, body) {
    const url = new URL(this.url + path);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const headers = {
      ...(method !== "GET" && { "Content-Type": "application/json" }),
      ...(this.#token && { Authorization: `Bearer ${this.#token}` }),
    };
    return request(url, { method, headers, agent: false }).end(typeof body === "object" ? JSON.stringify(body) : body);
  }
}

/**
 * The verbs, of a server or of one instance of it.
 *
 * @implements {Testing.Controls}
 */
class Controls {
  /** @type {Plane} */
  #plane;
  /** @type {Query} */
  #scope;

  /**
   * @param {Plane} plane
   * @param {string} [instance]
   */
  constructor(plane, instance) {
    this.#plane = plane;
    this.#scope = { instance };
    this.url = plane.url;

    /** @param {{ now: string } & Omit<Testing.ClockReading, "now">} reading */
    const reading = ({ now, ...rest }) => ({ now: new Date(now), ...rest });
    /** @param {object} change */
    const turn = async (change) => reading(await this.#call("POST", "/__mock/clock", change));
    /** @type {Testing.Clock} */
    this.clock = {
      advance: (period) => turn({ advance: period }),
      set: async (time) => turn({ set: asTime(time) }),
      freeze: () => turn({ freeze: true }),
      reset: async () => reading(await this.#call("DELETE", "/__mock/clock")),
      read: async () => reading(await this.#call("GET", "/__mock/clock")),
      now: async () => (await this.clock.read()).now,
    };
    /** @type {Testing.Faults} */
    this.faults = this.#collection("/__mock/faults");
    /** @type {Testing.Barriers} */
    this.barriers = this.#collection("/__mock/barriers");
  }

  /**
   * @param {string} deviceToken
   * @param {Testing.Which} which
   */
  async expire(deviceToken, which) {
    await this.#call("POST", "/__mock/tokens/expire", { deviceToken, which });
  }

  /** @param {string} deviceToken @returns {Promise<Testing.TokenTree>} */
  async tokens(deviceToken) {
    return this.#call("GET", "/__mock/tokens", undefined, { deviceToken });
  }

  /** @param {Testing.RequestFilter} [filter] @returns {Promise<Testing.JournalEntry[]>} */
  async requests(filter) {
    return this.#call("GET", "/__mock/requests", undefined, { ...filter });
  }

  async clearRequests() {
    await this.#call("DELETE", "/__mock/requests");
  }

  /**
   * @param {Testing.RequestMatch} match
   * @param {Testing.Expectation} expectation
   * @returns {Promise<number>}
   */
  async verify(match, expectation) {
    const path = "/__mock/requests/verify";
    const { status, said } = await this.#plane.exchange("POST", path, this.#scope, { match, ...expectation });
    const answer = this.#plane.parsed(said);
    if (status === 200) return answer.count;
    if (answer.count === undefined) throw refused("POST", path, status, answer);
    // Where there are too many, those are of interest and not the others.
    const isTooFew = answer.count < (expectation.exactly ?? expectation.atLeast ?? 0);
    const shown = isTooFew ? answer.nearest.map(nearMiss) : (await this.requests({ ...match, limit: SHOWN })).map(line);
    const list = shown.length > 0 ? `${isTooFew ? "; nearest" : "; the last"}:${shown.join("")}` : "";
    throw new MockServerError(`${answer.error} of ${JSON.stringify(match)}${list}`, { status });
  }

  /** @param {{ to?: string }} [filter] @returns {Promise<Testing.Message[]>} */
  async outbox(filter) {
    return this.#call("GET", "/__mock/outbox", undefined, { ...filter });
  }

  async clearOutbox() {
    await this.#call("DELETE", "/__mock/outbox");
  }

  /** @returns {Promise<Testing.Settings>} */
  async settings() {
    return this.#call("GET", "/__mock/settings");
  }

  /** @param {Testing.SettingsChange} changes @returns {Promise<Testing.Settings>} */
  async configure(changes) {
    return this.#call("PATCH", "/__mock/settings", changes);
  }

  async snapshot() {
    // Left as it came: a state may be large, and its numbers larger than JavaScript's.
    return this.#plane.text("GET", "/__mock/state", this.#scope);
  }

  /** @param {string} snapshot */
  async restore(snapshot) {
    await this.#call("PUT", "/__mock/state", snapshot);
  }

  async reset() {
    await this.#call("POST", "/__mock/reset");
  }

  events() {
    return this.#plane.listen(this.#scope);
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
    return this.#plane.call(method, path, { ...query, ...this.#scope }, body);
  }

  /** @param {string} path */
  #collection(path) {
    return {
      /** @param {{ match?: Testing.RequestTarget }} wanted */
      add: async ({ match = {}, ...rest }) => /** @type {{ id: number }} */ (await this.#call("POST", path, { match, ...rest })).id,
      /** @template T @returns {Promise<T>} */
      list: () => this.#call("GET", path),
      /** @param {number} id */
      remove: async (id) => void (await this.#call("DELETE", `${path}/${id}`)),
      clear: async () => void (await this.#call("DELETE", path)),
    };
  }
}

/** @implements {Testing.MockServerConnection} */
class Connection extends Controls {
  #plane;

  /** @param {Plane} plane */
  constructor(plane) {
    super(plane);
    this.#plane = plane;
  }

  /** @param {Testing.NewInstance} [wanted] @returns {Promise<Testing.MockInstance>} */
  async createInstance(wanted = {}) {
    /** @type {Testing.InstanceDetails & { admin: Testing.Admin }} */
    const { admin, ...instance } = await this.#plane.call("POST", "/__mock/instances", {}, wanted);
    return Object.assign(new Controls(this.#plane, instance.instanceId), { instance, admin });
  }
}

/** @implements {Testing.MockServer} */
class Server extends Connection {
  #child;
  #plane;
  /** @type {Promise<void> | undefined} */
  #stopped;

  /**
   * @param {Child} child
   * @param {Testing.Ready} ready
   * @param {Plane} plane
   */
  constructor(child, { instance, ubiInstance, admin }, plane) {
    super(plane);
    this.#child = child;
    this.#plane = plane;
    this.instance = instance;
    this.ubiInstance = ubiInstance;
    this.admin = admin;
  }

  stop() {
    return (this.#stopped ??= this.#stop());
  }

  async #stop() {
    await this.#plane.close();
    await ended(this.#child);
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== 0) throw new MockServerError(`The mock server ended with ${exitCode ?? signalCode}.`);
  }

  [Symbol.asyncDispose]() {
    return this.stop();
  }
}

/** @implements {Testing.EventStream} */
class EventStream {
  #request;
  #events;
  #forget;
  #isClosed = false;
  #waiting = 0;

  /**
   * @param {ClientRequest} request
   * @param {() => void} forget
   */
  constructor(request, forget) {
    this.#request = request;
    this.#forget = forget;
    const response = answered(request);
    this.#events = this.#read(response);
    /** @type {Promise<void>} */
    this.opened = response.then(async (response) => {
      if (response.statusCode === 200) this.#hold();
      else throw refused("GET", "/__mock/events", Number(response.statusCode), {});
    });
    // Whoever iterates is told as well.
    this.opened.catch(() => {});
  }

  async next() {
    this.#waiting += 1;
    this.#hold();
    try {
      return await this.#events.next();
    } finally {
      this.#waiting -= 1;
      this.#hold();
    }
  }

  /** @returns {Promise<IteratorReturnResult<undefined>>} */
  async return() {
    this.#isClosed = true;
    this.#forget();
    this.#request.destroy();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async [Symbol.asyncDispose]() {
    await this.return();
  }

  /** Keeps the process alive for as long as somebody waits for an event, and no longer. */
  #hold() {
    if (this.#waiting > 0) this.#request.socket?.ref();
    else this.#request.socket?.unref();
  }

  /**
   * @param {Promise<IncomingMessage>} response
   * @returns {AsyncGenerator<Testing.MockEvent, undefined>}
   */
  async *#read(response) {
    try {
      await this.opened;
      let rest = "";
      for await (const chunk of (await response).setEncoding("utf8")) {
        const blocks = (rest + chunk).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) {
          const [, type] = /^event: ?(.*)$/m.exec(block) ?? [];
          const [, data] = /^data: ?(.*)$/m.exec(block) ?? [];
          if (type && data) yield /** @type {Testing.MockEvent} */ ({ type, data: JSON.parse(data) });
        }
      }
    } catch (cause) {
      if (this.#isClosed) return undefined;
      if (cause instanceof MockServerError) throw cause;
      throw new MockServerError(`The events of the mock server broke off: ${saying(cause)}.`, { cause });
    } finally {
      this.#forget();
    }
  }
}

/** @param {ClientRequest} request @returns {Promise<IncomingMessage>} */
function answered(request) {
  return new Promise((resolve, reject) => request.once("response", resolve).on("error", reject));
}

/**
 * @param {string} method
 * @param {string} path
 * @param {number} status
 * @param {{ error?: string, field?: string }} answer
 */
function refused(method, path, status, { error, field }) {
  const sentence = [field, error].filter(Boolean).join(": ");
  return new MockServerError(`${method} ${path} was answered ${status}${sentence && `: ${sentence}`}`, { status, field });
}

/** @param {{ request: Testing.JournalEntry, differences: { criterion: string, expected: string, actual: string }[] }} miss */
function nearMiss({ request, differences }) {
  const differing = differences.map(({ criterion, expected, actual }) => `${criterion} is ${actual} and not ${expected}`);
  return `${line(request)}: ${differing.join(", ")}`;
}

/** @param {Testing.JournalEntry} entry */
function line({ number, method, path, status }) {
  return `\n  #${number} ${method} ${path} ${status ?? "without an answer"}`;
}

/** @param {string | Date} time */
function asTime(time) {
  return time instanceof Date ? time.toISOString() : time;
}

/** @param {unknown} cause */
function saying(cause) {
  return cause instanceof Error ? cause.message : String(cause);
}

/**
 * Ends the server when this process is gone, however it went: then the other end of the shell's input is closed.
 *
 * @param {Child} child
 */
function watch(child) {
  if (child.pid === undefined) return;
  const script = 'read -r nothing; kill -TERM "$1"';
  const guard = spawn("/bin/sh", ["-c", script, "sh", `${child.pid}`], { stdio: ["pipe", "ignore", "ignore"] });
  guard.once("error", () => process.once("exit", () => child.kill()));
  child.once("exit", () => guard.kill());
  release(guard, guard.stdin);
}

/**
 * Lets this process end while those are still open.
 *
 * @param {...object} handles
 */
function release(...handles) {
  for (const handle of handles) if ("unref" in handle && typeof handle.unref === "function") handle.unref();
}

/**
 * Waits for the ready line.
 *
 * @param {Child} child
 * @param {string} program
 * @returns {Promise<Testing.Ready>}
 */
async function readiness(child, program) {
  let [line, said] = ["", ""];
  const keep = (/** @type {string} */ chunk) => void (said = (said + chunk).slice(-KEPT_CHARACTERS));
  child.stderr.setEncoding("utf8").on("data", keep);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {MockServerError | undefined} */
  const failure = await new Promise((settle) => {
    child.once("error", (cause) => settle(new MockServerError(unusable(program, cause), { cause })));
    // By then all that it said has arrived, which it has not by "exit".
    child.once("close", (code, signal) => settle(new MockServerError(said.trim() || `${program} ended with ${code ?? signal} before it was ready.`)));
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      line += chunk;
      if (line.includes("\n")) settle(undefined);
    });
    timer = setTimeout(() => settle(new MockServerError(`${program} was not ready within ${READY_MS / 1000} s.`)), READY_MS);
  });
  clearTimeout(timer);
  const ready = failure ? undefined : parsed(line);
  if (!ready) {
    child.kill("SIGKILL");
    release(child, child.stdout, child.stderr);
    throw failure ?? new MockServerError(`${program} is no mock server of this version: its first line is no ready line.`);
  }
  // What it says from now on is worth a person's eyes; nothing else would read it, and a full pipe would stop the server.
  child.stdout.removeAllListeners("data").resume();
  child.stderr.off("data", keep).on("data", (chunk) => process.stderr.write(chunk));
  if (said) process.stderr.write(said);
  release(child, child.stdout, child.stderr);
  return ready;
}

/** @param {string} line @returns {Testing.Ready | undefined} */
function parsed(line) {
  try {
    const ready = JSON.parse(line);
    return ready.event === "ready" ? ready : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} program
 * @param {Error & { code?: string }} cause
 */
function unusable(program, { code, message }) {
  const how = code === "ENOENT" ? "was not found" : `cannot be run (${code ?? message})`;
  return `${program} ${how}: build it with \`cargo build -p telematics-mock\`, then put it on PATH or name it by the option \`binary\` or by TELEMATICS_MOCK_BIN.`;
}

/**
 * Ends the server and waits until it is gone.
 *
 * @param {Child} child
 */
async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await exit;
  clearTimeout(timer);
}
