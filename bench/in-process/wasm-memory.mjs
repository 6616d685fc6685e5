// @ts-check
// The size of the WebAssembly memory of a package that does not show it: notes it when the module is instantiated.

/** Observes the instances from now on; returns the size of the memory of the last one, in bytes. */
export function wasmMemory() {
  /** @type {WebAssembly.Memory | undefined} */
  let memory;
  const { instantiate } = WebAssembly;
  /** @param {any} source @param {WebAssembly.Imports} imports */
  const observed = async (source, imports) => {
    const made = /** @type {any} */ (await instantiate(source, imports));
    memory = (made.instance ?? made).exports.memory;
    return made;
  };
  WebAssembly.instantiate = /** @type {typeof WebAssembly.instantiate} */ (observed);
  return () => {
    if (!memory) throw new Error("no WebAssembly was instantiated");
    return memory.buffer.byteLength;
  };
}
