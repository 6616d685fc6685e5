// @ts-check
// The WebAssembly of the command line.
import { readFileSync } from "node:fs";
import * as bindings from "../wasm/cli_bg.js";

const module = new WebAssembly.Module(readFileSync(new URL("../wasm/cli_bg.wasm", import.meta.url)));
const instance = new WebAssembly.Instance(module, { "./cli_bg.js": { ...bindings } });
bindings.__wbg_set_wasm(instance.exports);
/** @type {{ __wbindgen_start(): void }} */ (/** @type {unknown} */ (instance.exports)).__wbindgen_start();

export const { HealthcheckTask, PassedOn, Printed, ServerTask, isSentByTerminal, lateHead, limits, logFirstSignal, logSecondSignal, readTask } = bindings;
