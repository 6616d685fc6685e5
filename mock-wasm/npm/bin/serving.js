// @ts-check
// The server of this process: listens, serves in the background, and stops.
import { createServer } from "node:http";
import { Connections } from "./connections.js";
import { limits } from "./module.js";
import { Requests } from "./requests.js";
import { describe } from "./system-error.js";

/**
 * @import { Server as HttpServer } from "node:http"
 * @import { AddressInfo } from "node:net"
 * @import { Server, ServerTask } from "../wasm/cli_bg.js"
 *
 * @typedef {object} RunningServer
 * @property {Server} program
 * @property {(hurry: Promise<unknown>) => Promise<void>} stop lets open connections finish, until `hurry` resolves
 */

/** The connections that wait to be accepted, at most. The operating system may allow fewer. */
const BACKLOG = 4096;
/** The largest head of a request, in bytes, as the native server has it. */
const MAX_HEAD_BYTES = 8192 + 4096 * 100;
/** The interval at which late heads are looked for, in milliseconds. */
const CHECK_MS = 1000;

/**
 * Starts the server of a task.
 *
 * @param {ServerTask} task
 * @param {object} [others] limits that differ, in milliseconds
 * @returns {Promise<RunningServer>}
 */
export async function startServer(task, others = {}) {
  const kept = { ...limits(), check: CHECK_MS, ...others };
  const { head, idle, drain, check } = kept;
  // The core sets every header of an answer.
  const http = createServer({ maxHeaderSize: MAX_HEAD_BYTES, requireHostHeader: false, headersTimeout: head, requestTimeout: 0, keepAliveTimeout: 0, connectionsCheckingInterval: check, noDelay: true });
  http.maxHeadersCount = 0;
  // A connection is idle after this time, unless a request is being answered.
  http.setTimeout(idle);
  const connections = new Connections(http);
  const port = await listen(http, task);
  /** @type {Promise<Server>} */
  const starting = task.start(port);
  const requests = new Requests(starting, connections, kept, task.page);
  for (const event of ["request", "checkContinue", "checkExpectation"]) http.on(event, (request, response) => requests.receive(request, response, event === "checkContinue"));
  const program = await starting;
  return {
    program,
    async stop(hurry) {
      program.release();
      http.close();
      /** @type {NodeJS.Timeout | undefined} */
      let timer;
      const late = new Promise((resolve) => void (timer = setTimeout(resolve, drain, "late")));
      const ended = await Promise.race([connections.finish(), hurry, late]);
      clearTimeout(timer);
      if (ended === "late") program.logUnfinished(drain);
    },
  };
}

/** Listens where the task says, and resolves to the port. @param {HttpServer} http @param {ServerTask} task @returns {Promise<number>} */
function listen(http, task) {
  return new Promise((resolve, reject) => {
    http.once("error", (/** @type {NodeJS.ErrnoException} */ error) => reject(new Error(task.listenFailure(error.code === "EADDRINUSE", describe(error)))));
    http.listen({ host: task.host, port: task.port, backlog: BACKLOG }, () => resolve(/** @type {AddressInfo} */ (http.address()).port));
  });
}
