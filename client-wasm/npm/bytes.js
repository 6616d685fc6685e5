// The WebAssembly module inside JavaScript: `inline.js` contains this file, and `index.js` loads it if it cannot load the module itself.
import { bytes as base64 } from "./wasm/bytes.js";

export const bytes = () => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
