// A global object like that of React Native 0.72 to 0.79 under Hermes, and the packed package as Metro bundles it.
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";

import { rolldown } from "rolldown";

const require = createRequire(import.meta.url);
const fakeService = fileURLToPath(new URL("../../client-wasm/tests/fake-service.mjs", import.meta.url));

/** What a context of Node has and Hermes does not. */
const MISSING = ["WebAssembly", "FinalizationRegistry", "WeakRef", "SharedArrayBuffer", "Atomics"];

/** The URL of React Native keeps an address as it is given; most of its properties throw. */
class AddressOnly {
  #address;

  constructor(address) {
    this.#address = address;
  }

  get origin() {
    throw new Error("URL.origin is not implemented");
  }

  get pathname() {
    throw new Error("URL.pathname is not implemented");
  }

  toString() {
    return this.#address;
  }
}

/** A new global object. Requests and signals are those of the libraries that React Native contains. */
async function hermes() {
  const { setTimeout, clearTimeout, queueMicrotask, performance, URLSearchParams, FormData, Blob } = globalThis;
  const { AbortController, AbortSignal } = require("abort-controller");
  // React Native has a navigator, but without locks.
  const navigator = { product: "ReactNative" };
  const given = { setTimeout, clearTimeout, queueMicrotask, performance, URLSearchParams, FormData, Blob, AbortController, AbortSignal };
  const scope = createContext({ ...given, URL: AddressOnly, navigator, console });
  for (const name of MISSING) runInContext(`delete globalThis.${name}`, scope);
  // Newer engines have it; a buffer of JavaScript is never detached by growing.
  runInContext("Object.defineProperty(ArrayBuffer.prototype, 'detached', { get: () => false, configurable: true })", scope);
  runInContext(await readFile(require.resolve("whatwg-fetch"), "utf8"), scope);
  return scope;
}

/**
 * Bundles the package in a folder with the condition `react-native`, and runs it. Resolves to the global object, the exports of the
 * package and of `fake-service.mjs`, and the code.
 */
export async function runInReactNative(folder) {
  const entry = join(folder, "native.js");
  await writeFile(entry, `export * from "telematics-user-client";\nexport * from ${JSON.stringify(fakeService)};\n`);
  // The fake service makes clients of the packed package.
  const packed = { name: "packed", resolveId: (id) => (id === "../npm/index.js" ? entry : undefined) };
  const bundle = await rolldown({ input: entry, plugins: [packed], resolve: { conditionNames: ["react-native", "import", "default"] } });
  const { output } = await bundle.generate({ format: "iife", name: "app" });
  const scope = await hermes();
  runInContext(output[0].code, scope);
  return { scope, app: scope.app, code: output[0].code };
}
