// @ts-check
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import process from "node:process";

/** A free port of this machine. The servers of the frameworks do not report the port that they choose themselves. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return address && typeof address === "object" ? address.port : 0;
}

/**
 * Starts the server of an app in Node and resolves once it has printed that it listens.
 *
 * @param {string[]} command the script and its arguments
 * @param {{ env: Record<string, string>, ready: RegExp }} options `ready` matches the output of a server that listens
 */
export async function startApp(command, { env, ready }) {
  const child = spawn(process.execPath, command, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
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
