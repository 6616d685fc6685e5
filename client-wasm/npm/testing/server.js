// @ts-check
// The mock server in Node: started here, or reached at an address.
import process from "node:process";
import { ControlApi } from "./control-api.js";
import { Connection, apiOf, isoTime } from "./controls.js";
import { sendWithHttp } from "./http.js";
import { startProcess } from "./process.js";

/**
 * @import { ServerProcess } from "./process.js"
 * @import * as Testing from "../testing.d.ts"
 */

/** @type {typeof Testing.startMockServer} */
export async function startMockServer({ binary, args = [], seed, clock, env: ownEnv } = {}) {
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    TELEMATICS_MOCK_LOG: "warn",
    ...process.env,
    // In the environment, so that `args` can override them.
    TELEMATICS_MOCK_PORT: "0",
    ...(seed !== undefined && { TELEMATICS_MOCK_SEED: String(seed) }),
    ...(clock !== undefined && { TELEMATICS_MOCK_CLOCK: isoTime(clock) }),
    ...ownEnv,
    TELEMATICS_MOCK_JSON: "true",
  };
  const running = await startProcess(binary, args, env);
  return new Server(running, new ControlApi(running.details.url, sendWithHttp, env.TELEMATICS_MOCK_CONTROL_TOKEN));
}

/** @type {typeof Testing.connectMockServer} */
export function connectMockServer(url, { controlToken } = {}) {
  return new Connection(new ControlApi(url, sendWithHttp, controlToken));
}

/** @implements {Testing.MockServer} */
class Server extends Connection {
  #process;
  /** @type {Promise<void> | undefined} */
  #stopped;

  /**
   * @param {ServerProcess} running
   * @param {ControlApi} api
   */
  constructor(running, api) {
    super(api);
    this.#process = running;
    const { instance, ubiInstance, admin, configuredInstances, config } = running.details;
    this.instance = instance;
    this.ubiInstance = ubiInstance;
    this.admin = admin;
    this.configuredInstances = configuredInstances;
    this.config = config;
  }

  stop() {
    return (this.#stopped ??= apiOf(this).close().then(() => this.#process.stop()));
  }

  [Symbol.asyncDispose]() {
    return this.stop();
  }
}
