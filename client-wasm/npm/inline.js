// The package with the WebAssembly inside, for places where only JavaScript can be loaded.
import { bytes } from "./bytes.js";
import { setWasm } from "./index.js";

setWasm(bytes);

export * from "./index.js";
