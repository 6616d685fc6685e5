// @ts-check
// The entry `telematics-mock/server`: starts the mock server and controls it, for tests in Node. No page loads this file.
import process from "node:process";
import { MockServerError } from "./control/errors.js";
import { ControlApi } from "./control/control-api.js";
import { Connection, apiOf, isoTime } from "./control/controls.js";
import { sendWithHttp } from "./server/http.js";
import { startProcess } from "./server/process.js";

/**
 * @import { ServerProcess } from "./server/process.js"
 * @import * as Entry from "./server.d.ts"
 */

export { MockServerError };

/** @type {typeof Entry.startMockServer} */
export async function startMockServer({ binary, args = [], seed, clock, env: ownEnv, ...unknown } = {}) {
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw new MockServerError(`startMockServer: ${name} is unknown; the known options are binary, args, seed, clock, env. Other options of the command go into args.`);
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

/** @type {typeof Entry.connectMockServer} */
export function connectMockServer(url, { controlToken } = {}) {
  return new Connection(new ControlApi(url, sendWithHttp, controlToken));
}

/** @implements {Entry.MockServer} */
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
