// @ts-check
/** @typedef {import("telematics-user-client").UserServiceClient} Client */
/** @typedef {import("telematics-user-client").ClientOptions} Options */

/** A relative URL would be resolved by TypeScript, too. */
const entry = "/package/index.js";

/**
 * Imports the package, creates a client, and tells how long each step took. The package does not hand out its WebAssembly memory,
 * so this function takes it from the instance on the way.
 *
 * @param {Options} options
 */
export async function loadClient(options) {
  /** When the package called `instantiateStreaming`, and when it was done. */
  const wasm = { begun: NaN, done: NaN };
  /** @type {WebAssembly.Memory | undefined} */
  let memory;
  const { instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = async (...given) => {
    const loaded = await instantiateStreaming.apply(WebAssembly, given);
    wasm.done = performance.now();
    // The names of the exports are not stable.
    memory = Object.values(loaded.instance.exports).find((value) => value instanceof WebAssembly.Memory);
    return loaded;
  };

  const begun = performance.now();
  /** @type {typeof import("telematics-user-client")} */
  const { UserServiceClient } = await import(entry);
  const imported = performance.now();
  const client = await UserServiceClient.create(options);
  const created = performance.now();

  WebAssembly.instantiateStreaming = instantiateStreaming;
  if (!memory) throw new Error("the package did not load its WebAssembly with instantiateStreaming");
  const times = { total: created - begun, import: imported - begun, wasm: wasm.done - imported, create: created - wasm.done };
  return { client, memory, times };
}
