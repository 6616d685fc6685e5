// The WebAssembly module: loaded once, and no longer used after it has failed.
import * as wasm from "./wasm/client_bg.js";
import { UserServiceError, failure } from "./errors.js";
import { instantiate } from "./loading.js";

const FAILED = "The client has failed. It works again after a reload.";

let loading;
let broken;
const pending = new Set();

export { wasm };
export const isBroken = () => broken !== undefined;

export function load() {
  loading ??= start().catch((cause) => {
    loading = undefined;
    throw failure("network", "The WebAssembly of the client could not be loaded. Set the option `wasm`, or import telematics-user-client/inline.", cause);
  });
  return loading;
}

async function start() {
  const { __wbindgen_start: begin, ...exports } = await instantiate();
  wasm.__wbg_set_wasm(guarded(exports));
  begin?.();
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
  return thrown instanceof Error ? failure("service", "The call has failed.", thrown) : new UserServiceError(thrown);
}
