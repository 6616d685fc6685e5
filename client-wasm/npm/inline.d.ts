/**
 * The same as the main entry, with the WebAssembly inside the JavaScript: for places where only JavaScript can be loaded.
 *
 * @packageDocumentation
 */

export * from "./index.js";
