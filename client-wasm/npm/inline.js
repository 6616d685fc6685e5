// The package with the WebAssembly inside, for places where no second file can be loaded.
import { setWasm } from "./index.js";
import { bytes } from "./wasm/bytes.js";

setWasm(() => Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0)));

export * from "./index.js";
