// @ts-check
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import process from "node:process";

/** The address at which the apps listen. */
export const HOST = "127.0.0.1";
/** How many ports are tried. */
const ATTEMPTS = 5;

/** A free port. The servers of the frameworks do not report the port that they choose themselves. */
async function freePort() {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return address && typeof address === "object" ? address.port : 0;
}

/**
 * How to start an app: the script and its arguments, the environment, and what the output of a server that listens matches.
 *
 * @typedef {{ command: string[], env?: Record<string, string>, ready: RegExp }} Launch
 */

/**
 * Starts the server of an app at a free port and resolves once it has printed that it listens. If another process takes the port
 * first, it tries the next one.
 *
 * @param {(port: number) => Launch} launch
 * @param {Record<string, string>} env
 */
export async function startApp(launch, env) {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { ...(await start(launch(port), env)), origin: `http://${HOST}:${port}` };
    } catch (error) {
      if (attempt === ATTEMPTS || !String(error).includes("EADDRINUSE")) throw error;
    }
  }
}

/**
 * @param {Launch} launch
 * @param {Record<string, string>} service
 */
async function start({ command, env, ready }, service) {
  const child = spawn(process.execPath, command, { env: { ...process.env, ...env, ...service }, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  const closed = once(child, "close");
  let output = "";
  await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk) => {
        output += chunk;
        if (ready.test(output)) resolve(undefined);
      });
    }
    closed.then(([code]) => reject(new Error(`The app ended with ${code} before it listened:\n${output}`)), reject);
  });
  return {
    /** What the app has printed. */
    output: () => output,
    async stop() {
      process.off("exit", kill);
      kill();
      await closed;
    },
  };
}
