// The WebAssembly module: loaded once, and no longer used after a panic.
import loadWasm, * as wasm from "./wasm/client.js";
import { UserServiceError, failure } from "./errors.js";

const FAILED = "The client has failed. It works again after a reload.";

let loading;
let broken;
const pending = new Set();

export { wasm };
export const isBroken = () => broken !== undefined;

export function load() {
  loading ??= start().catch((cause) => {
    loading = undefined;
    throw failure("network", "The WebAssembly of the client could not be loaded.", cause);
  });
  return loading;
}

async function start() {
  const url = new URL("./wasm/client_bg.wasm", import.meta.url);
  // The fetch of Node reads no files. `getBuiltinModule` hides the module from bundlers, because browsers do not have it.
  const files = url.protocol === "file:" && globalThis.process?.getBuiltinModule?.("node:fs/promises");
  await loadWasm({ module_or_path: files ? await files.readFile(url) : url });
  wasm.onPanic(() => {
    broken = failure("service", FAILED);
    for (const reject of pending) reject(broken);
  });
}

// Settles like the promise of `begin`, or rejects at once when the module panics.
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
