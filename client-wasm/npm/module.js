// The WebAssembly module: loaded once, and no longer used after it has failed.
import * as wasm from "./wasm/client_bg.js";
import { imports } from "./wasm/imports.js";
import { UserServiceError, failure } from "./errors.js";

const FAILED = "The client has failed. It works again after a reload.";

let source;
let loading;
let broken;
const pending = new Set();

export { wasm };
export const isBroken = () => broken !== undefined;

/** Sets where the module is loaded from, instead of the file of the package. Does nothing after it was loaded. */
export function setWasm(given) {
  source = typeof given === "function" ? given : () => given;
}

export function load() {
  loading ??= start().catch((cause) => {
    loading = undefined;
    throw failure("network", "The WebAssembly of the client could not be loaded. Set the option `wasm`, or import telematics-user-client/inline.", cause);
  });
  return loading;
}

async function start() {
  const instantiated = source ? await instantiate(await source()) : await shipped().catch(inside);
  const { __wbindgen_start: begin, ...exports } = (instantiated.instance ?? instantiated).exports;
  wasm.__wbg_set_wasm(guarded(exports));
  begin();
}

// Bundlers find the file by this expression.
const shipped = async () => instantiate(new URL("./wasm/client_bg.wasm", import.meta.url));

// Some bundlers do not copy the file, but all bundlers copy what is imported.
async function inside() {
  const { bytes } = await import("./bytes.js");
  return instantiate(bytes());
}

async function instantiate(given) {
  if (typeof given === "string" || given instanceof URL) given = await read(new URL(given, globalThis.location?.href));
  if (!(given instanceof Response)) return WebAssembly.instantiate(given, imports);
  // Compiling while the module arrives needs its content type, which some servers do not send.
  if (given.headers.get("Content-Type") === "application/wasm") return WebAssembly.instantiateStreaming(given, imports);
  return WebAssembly.instantiate(await given.arrayBuffer(), imports);
}

async function read(url) {
  // The fetch of Node reads no files. `getBuiltinModule` hides the module from bundlers, because browsers do not have it.
  const files = url.protocol === "file:" && globalThis.process?.getBuiltinModule?.("node:fs/promises");
  return files ? files.readFile(url) : fetch(url);
}

// A panic, and an exception of JavaScript that passes through the module, leave it in a state that cannot be trusted.
function guarded(exports) {
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value !== "function") continue;
    exports[name] = (...args) => {
      // Timers and promises still call the module, and each such call could fail again, uncaught. An empty list contains no error.
      if (broken) return [];
      try {
        return value(...args);
      } catch (thrown) {
        broken ??= failure("service", FAILED, thrown);
        for (const reject of pending) reject(broken);
        throw thrown;
      }
    };
  }
  return exports;
}

// Settles like the promise of `begin`, or rejects at once when the module fails.
export function call(begin) {
  return new Promise((resolve, reject) => {
    const fail = (thrown) => reject(broken ?? asError(thrown));
    pending.add(reject);
    const done = () => pending.delete(reject);
    try {
      if (broken) throw broken;
      begin().then(resolve, fail).finally(done);
    } catch (thrown) {
      fail(thrown);
      done();
    }
  });
}

function asError(thrown) {
  if (thrown instanceof UserServiceError) return thrown;
  return thrown instanceof Error ? failure("service", FAILED, thrown) : new UserServiceError(thrown);
}
