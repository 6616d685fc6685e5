// @ts-check
// How `telematics-mock/server` ends a server.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startProcess } from "../npm/server/process.js";

/** @import { TestContext } from "node:test" */

/** Starts a script that is ready at once, with its process in `details`. @param {TestContext} t @param {string} script */
async function start(t, script) {
  const folder = await mkdtemp(join(tmpdir(), "telematics-stopping-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "program");
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return startProcess(path, [], process.env);
}

const ready = 'echo "{\\"event\\":\\"ready\\",\\"pid\\":$$}"';

test("a server that the signal of its end has ended is stopped", async (t) => {
  const server = await start(t, `${ready}; exec sleep 3600`);
  await server.stop();
});

test("a server that fails while it ends, or that somebody else has ended, is an error", { timeout: 20_000 }, async (t) => {
  const failing = await start(t, `trap 'exit 3' TERM; ${ready}; while :; do sleep 0.01; done`);
  await assert.rejects(failing.stop(), { name: "MockServerError", message: "The mock server ended with 3." });

  const killed = await start(t, `${ready}; exec sleep 3600`);
  const { pid } = /** @type {{ pid: number }} */ (/** @type {unknown} */ (killed.details));
  process.kill(pid, "SIGTERM");
  const isThere = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  while (isThere()) await new Promise((resolve) => setImmediate(resolve));
  await assert.rejects(killed.stop(), { name: "MockServerError", message: "The mock server ended with SIGTERM." });
});
