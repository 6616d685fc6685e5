import { fileURLToPath } from "node:url";
import { HOST } from "../rendering/app-server.js";
import { testApp } from "../rendering/app-tests.js";

const next = fileURLToPath(import.meta.resolve("next/dist/bin/next"));

testApp((port) => ({ command: [next, "start", "-H", HOST, "-p", `${port}`], env: { NEXT_TELEMETRY_DISABLED: "1" }, ready: /Ready in/ }));
