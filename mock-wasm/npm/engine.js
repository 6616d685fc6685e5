// @ts-check
// The WebAssembly of the mock: loaded once for all mocks of a program.
import * as bindings from "./wasm/mock_bg.js";

/**
 * @import { WasmSource } from "./index.d.ts"
 */

/** @type {Promise<typeof bindings> | undefined} */
let loading;

/**
 * Loads the WebAssembly, from `source` unless it was loaded before.
 *
 * @param {WasmSource} [source]
 */
export function loadEngine(source) {
  loading ??= start(source).catch((cause) => {
    loading = undefined;
    throw cause;
  });
  return loading;
}

/** @param {WasmSource} [source] */
async function start(source) {
  const instance = await (source === undefined ? shipped().catch(inside) : instantiate(source));
  const exports = guarded(instance.exports);
  bindings.__wbg_set_wasm(exports);
  /** @type {{ __wbindgen_start(): void }} */ (/** @type {unknown} */ (exports)).__wbindgen_start();
  return bindings;
}

/**
 * The same exports until one of them traps. The memory is then in a state that cannot be trusted, so every later call fails with one
 * sentence.
 *
 * @param {WebAssembly.Exports} exports
 * @returns {WebAssembly.Exports}
 */
function guarded(exports) {
  /** @type {Error | undefined} */
  let broken;
  const entries = Object.entries(exports).map(([name, value]) => {
    if (typeof value !== "function") return [name, value];
    /** @param {unknown[]} args */
    const guard = (...args) => {
      if (broken) throw broken;
      try {
        return value(...args);
      } catch (thrown) {
        if (thrown instanceof WebAssembly.RuntimeError) broken = new Error("The mock has failed. It works again in a new process, or after a reload.", { cause: thrown });
        throw broken ?? thrown;
      }
    };
    return [name, guard];
  });
  return Object.fromEntries(entries);
}

/** Loads the file of the package. Bundlers find it by this expression. */
const shipped = async () => instantiate(new URL("./wasm/mock_bg.wasm", import.meta.url));

/**
 * Loads the same bytes as JavaScript: some bundlers do not copy the file, but all of them copy what is imported.
 *
 * @param {unknown} cause
 */
async function inside(cause) {
  const { bytes } = await import("./wasm/bytes.js").catch(() => {
    throw cause;
  });
  return instantiate(Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0)));
}

/** @param {WasmSource} source @returns {Promise<WebAssembly.Instance>} */
async function instantiate(source) {
  const given = typeof source === "string" || source instanceof URL ? await read(new URL(source, globalThis.location?.href)) : source;
  const compilable = given instanceof Response ? await given.arrayBuffer() : given;
  const imports = { "./mock_bg.js": { ...bindings } };
  if (compilable instanceof WebAssembly.Module) return WebAssembly.instantiate(compilable, imports);
  return (await WebAssembly.instantiate(compilable, imports)).instance;
}

/** @param {URL} url */
async function read(url) {
  // The fetch of Node reads no files. `getBuiltinModule` hides the module from bundlers, because browsers do not have it.
  const files = url.protocol === "file:" && globalThis.process?.getBuiltinModule?.("node:fs/promises");
  if (files) return files.readFile(url);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}`);
  return response;
}
