// In React Native the module is JavaScript, and a part of the bundle.
import { instantiate as run } from "./wasm/compiled.js";
import { imports } from "./wasm/imports.js";

/** Does nothing: there is no file to load. */
export function setWasm() {}

/** The exports of the module. */
export const instantiate = () => run(imports);
