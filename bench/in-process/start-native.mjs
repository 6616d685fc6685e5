// @ts-check
// Prints how long startMockServer() takes with the native program, in milliseconds.
import process from "node:process";

const [entry, binary] = process.argv.slice(2);
/** @type {typeof import("telematics-mock/server")} */
const { startMockServer } = await import(String(entry));
const start = performance.now();
const server = await startMockServer({ binary: String(binary) });
console.log(performance.now() - start);
await server.stop();
