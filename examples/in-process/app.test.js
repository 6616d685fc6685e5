// @ts-check
// For `node --test`, `deno test` and `bun test`, which all have `node:test`.
import { test } from "node:test";
import { testApp } from "./suite.js";

testApp(test);
