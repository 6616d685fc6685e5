// @ts-check
// Prints how long the first createMock() of a process takes, in milliseconds.
import process from "node:process";

/** @type {typeof import("telematics-mock")} */
const { createMock } = await import(String(process.argv[2]));
const start = performance.now();
const mock = await createMock();
console.log(performance.now() - start);
mock.free();
