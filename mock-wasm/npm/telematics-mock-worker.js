// @ts-check
// The worker that a site can copy into its folder: ships as one file, with the WebAssembly, and as a script that is no module.
import { serveMock } from "./worker.js";

serveMock();
