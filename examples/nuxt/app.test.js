import { testApp } from "../rendering/app-tests.js";

testApp((port) => ({ command: [".output/server/index.mjs"], env: { HOST: "localhost", PORT: `${port}` }, ready: /Listening/ }));
