// @ts-check
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const binary = process.env.TELEMATICS_MOCK_BIN ?? fileURLToPath(new URL("target/debug/telematics-mock", root));
const demoPage = process.env.TELEMATICS_DEMO_PAGE ?? fileURLToPath(new URL("web-demo/dist", root));

/** How long the server may take to say that it is ready, in milliseconds. */
const patience = 10_000;

/**
 * A running mock server that serves the demo page.
 *
 * @typedef {object} MockServer
 * @property {string} url its address
 * @property {{ instanceId: string, instanceKey: string, inviteCode: string }} instance the demo instance
 * @property {(deviceToken: string, which: "access" | "refresh" | "all") => Promise<void>} expire expires tokens of a user from now on
 * @property {(path: string, status?: number) => Promise<number>} count how often the server was asked that, by its own journal
 * @property {() => Promise<void>} forget empties the journal
 * @property {() => Promise<void>} stop ends it by SIGTERM and rejects unless it leaves with 0
 */

/**
 * Starts the real binary on a free port and waits for its ready line.
 *
 * @returns {Promise<MockServer>}
 */
export async function startMockServer() {
  for (const needed of [binary, demoPage]) {
    if (!existsSync(needed)) throw new Error(`${needed} does not exist: build it, or name another by TELEMATICS_MOCK_BIN or TELEMATICS_DEMO_PAGE`);
  }
  const child = spawn(binary, ["--port", "0", "--json", "--page", demoPage], { stdio: ["ignore", "pipe", "inherit"] });
  const { url, instance } = await ready(child);
  return {
    url,
    instance,
    async expire(deviceToken, which) {
      const response = await fetch(`${url}/__mock/tokens/expire`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ deviceToken, which }),
      });
      if (!response.ok) throw new Error(`expiring a token was answered ${response.status}: ${await response.text()}`);
    },
    async count(path, status) {
      const wanted = new URLSearchParams({ path, ...(status && { status: String(status) }) });
      const response = await fetch(`${url}/__mock/requests?${wanted}`);
      if (!response.ok) throw new Error(`the journal was answered ${response.status}: ${await response.text()}`);
      const entries = await response.json();
      if (!Array.isArray(entries)) throw new Error("the journal is no list");
      return entries.length;
    },
    async forget() {
      const response = await fetch(`${url}/__mock/requests`, { method: "DELETE", headers: { "Content-Type": "application/json" } });
      if (!response.ok) throw new Error(`emptying the journal was answered ${response.status}: ${await response.text()}`);
    },
    async stop() {
      if (child.exitCode !== null) throw new Error(`the mock server had ended by itself, with ${child.exitCode}`);
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      const [code, signal] = await exit;
      if (code !== 0) throw new Error(`the mock server ended with ${code ?? signal}`);
    },
  };
}

/**
 * @param {import("node:child_process").ChildProcessByStdio<null, import("node:stream").Readable, null>} child
 * @returns {Promise<Pick<MockServer, "url" | "instance">>}
 */
async function ready(child) {
  const lines = createInterface({ input: child.stdout });
  const signal = AbortSignal.timeout(patience);
  try {
    const [line] = await Promise.race([
      once(lines, "line", { signal }),
      once(child, "exit", { signal }).then(([code]) => Promise.reject(new Error(`the mock server ended with ${code} before it was ready`))),
    ]);
    const { event, url, instance } = JSON.parse(line);
    if (event !== "ready") throw new Error(`the mock server's first line is no ready line: ${line}`);
    return { url, instance };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}
