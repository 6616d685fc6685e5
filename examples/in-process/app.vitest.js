// @ts-check
import { test } from "vitest";
import { testApp } from "./suite.js";

testApp(test);
