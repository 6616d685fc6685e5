#!/usr/bin/env node
// @ts-check
// The command `telematics-mock`: the native program if it is installed, otherwise the same command line as WebAssembly.
import process from "node:process";
import { nativeProgram, runNative } from "./native.js";

const program = nativeProgram(import.meta.filename);
if (program) runNative(program, process.argv.slice(2));
else await import("./run.js").then(({ run }) => run());
