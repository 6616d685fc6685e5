// The WebAssembly module: loaded once, and not to be trusted any more after a panic.
import loadWasm, * as wasm from "./wasm/client.js";
import { UserServiceError, failure } from "./errors.js";

const FAILED = "The client has failed: it works again after a reload.";

let loading;
let broken;
const underWay = new Set();

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
  // Node's fetch reads no files. This way no bundler sees an import of a module that browsers lack.
  const files = url.protocol === "file:" && globalThis.process?.getBuiltinModule?.("node:fs/promises");
  await loadWasm({ module_or_path: files ? await files.readFile(url) : url });
  wasm.onPanic(() => {
    broken = failure("service", FAILED);
    for (const reject of underWay) reject(broken);
  });
}

// Settles as the promise does, or at once when the module breaks.
export function call(begin) {
  return new Promise((resolve, reject) => {
    const fail = (thrown) => reject(broken ?? asError(thrown));
    underWay.add(reject);
    const done = () => underWay.delete(reject);
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
