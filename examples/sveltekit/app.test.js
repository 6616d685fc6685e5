import { HOST } from "../rendering/app-server.js";
import { testApp } from "../rendering/app-tests.js";

testApp((port) => ({
  command: ["build"],
  env: { HOST, PORT: `${port}`, ORIGIN: `http://${HOST}:${port}` },
  ready: /Listening/,
}));
