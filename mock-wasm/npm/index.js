// @ts-check
// The entry `telematics-mock`: a mock in the memory of this program. Nothing listens, and nothing is started.
import { ControlApi } from "./control/control-api.js";
import { Connection, apiOf, isoTime } from "./control/controls.js";
import { MockServerError, messageOf } from "./control/errors.js";
import { loadEngine } from "./engine.js";
import { answer, onAbort, pieces } from "./exchange.js";
import { fetchFrom } from "./fetching.js";

/**
 * @import { Send } from "./control/transport.js"
 * @import { RunningMock } from "./fetching.js"
 * @import { Mock } from "./wasm/mock_bg.js"
 * @import * as Entry from "./index.d.ts"
 */

export { MockServerError };

const DEFAULT_URL = "http://localhost:4600";
const FREED = "The mock was freed.";
/** How deeply the options may be nested. */
const MAX_DEPTH = 32;

/** @type {typeof Entry.createMock} */
export async function createMock(options = {}) {
  if (typeof options !== "object" || options === null) throw new MockServerError("createMock: the options must be an object.");
  const { wasm, url = DEFAULT_URL, clock, ...others } = options;
  const engine = await loadEngine(wasm).catch((cause) => {
    throw new MockServerError(`The WebAssembly of the mock could not be loaded (${messageOf(cause)}): set the option \`wasm\`.`, { cause });
  });
  // As `Request` writes addresses: with the host in lower case, and without the usual port.
  const base = (URL.canParse(url) ? new URL(url).href : String(url)).replace(/\/+$/, "");
  const given = Object.entries({ ...others, url: base, clock: clock === undefined ? undefined : isoTime(clock) });
  if (!isShallow(others)) throw new MockServerError("createMock: an option contains itself, or is nested too deeply.");
  const entropy = crypto.getRandomValues(new Uint8Array(32));
  try {
    return new InProcessMock(new engine.Mock(Object.fromEntries(given.filter(([, value]) => value !== undefined)), entropy), base);
  } catch (cause) {
    throw new MockServerError(`createMock: ${messageOf(cause)}.`, { cause });
  }
}

/** Whether a value can be copied into the WebAssembly, whose stack is small. @param {unknown} value @param {number} [depth] @returns {boolean} */
function isShallow(value, depth = 0) {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return true;
  return depth < MAX_DEPTH && Object.values(value).every((part) => isShallow(part, depth + 1));
}

/** @implements {Entry.InProcessMock} */
class InProcessMock extends Connection {
  /** @type {Mock | undefined} */
  #engine;
  #ended;

  /**
   * @param {Mock} engine
   * @param {string} base
   */
  constructor(engine, base) {
    const ended = new AbortController();
    /** @type {RunningMock} */
    const running = {
      engine: () => {
        if (this.#engine) return this.#engine;
        throw new MockServerError(FREED);
      },
      ended: ended.signal,
    };
    super(new ControlApi(base, sendTo(running, base)));
    this.#ended = ended;
    this.#engine = engine;
    const { instance, ubiInstance, admin, configuredInstances } = engine.identities;
    this.instance = instance;
    this.ubiInstance = ubiInstance;
    this.admin = admin;
    this.configuredInstances = configuredInstances;
    // A bound function: apps hand it on.
    this.fetch = fetchFrom(running, base);
  }

  get revision() {
    return this.#engine?.revision ?? 0;
  }

  free() {
    const engine = this.#engine;
    this.#engine = undefined;
    this.#ended.abort(new MockServerError(FREED));
    engine?.free();
    void apiOf(this).close();
  }

  [Symbol.dispose]() {
    this.free();
  }
}

/**
 * The transport of the control client to a mock in this program.
 *
 * @param {RunningMock} mock
 * @param {string} base
 * @returns {Send}
 */
function sendTo(mock, base) {
  return async (url, { method, headers, body, signal }) => {
    const bytes = new TextEncoder().encode(body ?? "");
    const answered = await answer(mock.engine(), {
      method,
      target: url.href.slice(base.length),
      headers: ["host", "localhost", ...Object.entries(headers).flat()],
      readBody: () => bytes,
      signals: [signal, mock.ended],
    });
    if (!answered || answered.closed) throw new MockServerError("The mock did not answer.");
    const parts = pieces(answered.body);
    const stop = onAbort([signal], () => void parts.return?.());
    return { status: answered.status, text: () => textOf(parts).finally(stop), chunks: () => textsOf(parts, stop) };
  };
}

/** @param {AsyncIterable<Uint8Array>} parts @param {() => void} [atEnd] */
async function* textsOf(parts, atEnd) {
  const decoder = new TextDecoder();
  try {
    for await (const part of parts) yield decoder.decode(part, { stream: true });
  } finally {
    atEnd?.();
  }
}

/** @param {AsyncIterable<Uint8Array>} parts */
async function textOf(parts) {
  let text = "";
  for await (const part of textsOf(parts)) text += part;
  return text;
}
