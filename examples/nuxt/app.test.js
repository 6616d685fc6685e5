import { HOST } from "../rendering/app-server.js";
import { testApp } from "../rendering/app-tests.js";

testApp((port) => ({ command: [".output/server/index.mjs"], env: { HOST, PORT: `${port}` }, ready: /Listening/ }));
