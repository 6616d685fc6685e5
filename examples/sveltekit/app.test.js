import { testApp } from "../rendering/app-tests.js";

testApp((port) => ({
  command: ["build"],
  env: { HOST: "localhost", PORT: `${port}`, ORIGIN: `http://localhost:${port}` },
  ready: /Listening/,
}));
