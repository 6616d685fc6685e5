// Where the WebAssembly comes from.
import { imports } from "./wasm/imports.js";

let source;

/** Sets where the module is loaded from, instead of the file of the package. Does nothing after it was loaded. */
export function setWasm(given) {
  source = typeof given === "function" ? given : () => given;
}

/** Loads the module and resolves to its exports. */
export async function instantiate() {
  const instantiated = source ? await compile(await source()) : await shipped().catch(inside);
  return (instantiated.instance ?? instantiated).exports;
}

// Bundlers find the file by this expression.
const shipped = async () => compile(new URL("./wasm/client_bg.wasm", import.meta.url));

// Some bundlers do not copy the file, but all bundlers copy what is imported.
async function inside(cause) {
  const { bytes } = await import("./bytes.js").catch(() => {
    throw cause;
  });
  return compile(bytes());
}

async function compile(given) {
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
