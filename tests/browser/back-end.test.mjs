// @ts-check
// Runs the Node back end from the README of the package unchanged, together with a client that has no instance key.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { UserServiceClient } from "telematics-user-client";
import { listen } from "./listen.mjs";
import { startMockServer } from "./mock-server.mjs";
import { until } from "./until.mjs";

/** The first code sample of a section in a language. @param {string} section @param {string} language */
async function sample(section, language) {
  const readme = await readFile(new URL("../../client-wasm/npm/README.md", import.meta.url), "utf8");
  const text = readme.split(section)[1]?.split(`\`\`\`${language}\n`)[1]?.split("```")[0];
  assert.ok(text, `the README has no ${language} after "${section}"`);
  return text;
}

/** A port that is free. The back end takes its port from the environment, so it cannot listen on port 0. */
async function freePort() {
  const { port, close } = await listen(createServer());
  await close();
  return port;
}

test("the back end of the README signs a user in again whose page has no instance key", { timeout: 30_000 }, async (t) => {
  const mock = await startMockServer();
  t.after(() => mock.stop());
  const { instanceId, instanceKey } = mock.instance;
  const stored = new Map();
  const storage = {
    load: (/** @type {string} */ key) => stored.get(key) ?? null,
    save: (/** @type {string} */ key, /** @type {string} */ value) => void stored.set(key, value),
    remove: (/** @type {string} */ key) => void stored.delete(key),
  };
  const trusted = await UserServiceClient.create({ baseUrl: mock.url, instanceId, instanceKey, storage });
  const { deviceToken } = await trusted.register();
  trusted.dispose();

  const text = await sample("The back end in Node:", "js");
  assert.ok(text.trimEnd().split("\n").length <= 20, "the sample is longer than 20 lines");
  const folder = await mkdtemp(join(tmpdir(), "telematics-back-end-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const deviceTokenOf = 'const deviceTokenOf = ({ headers }) => headers.cookie?.split("user=")[1];\n';
  await writeFile(join(folder, "server.mjs"), text + deviceTokenOf);
  const port = await freePort();
  const child = spawn(process.execPath, ["server.mjs"], {
    cwd: folder,
    env: { SERVICE_URL: mock.url, INSTANCE_ID: instanceId, INSTANCE_KEY: instanceKey, PORT: String(port) },
    stdio: "inherit",
  });
  t.after(() => child.kill());

  /** Asks the back end for credentials. @param {string} cookie names the user */
  const ask = (cookie) => fetch(`http://127.0.0.1:${port}/telematics-login`, { method: "POST", headers: { cookie } });
  const answers = () => ask("").then(() => true, () => false);
  await until("the back end answers or has ended", async () => child.exitCode !== null || (await answers()));

  assert.equal((await ask("")).status, 401);
  assert.equal((await ask("user=00000000-0000-4000-8000-000000000000")).status, 401);

  const client = await UserServiceClient.create({
    baseUrl: mock.url,
    instanceId,
    storage,
    async reauthenticate() {
      const answer = await ask(`user=${deviceToken}`);
      if (!answer.ok) throw answer;
      assert.equal(answer.headers.get("cache-control"), "no-store");
      return answer.json();
    },
  });
  t.after(() => client.dispose());
  await mock.expire(deviceToken, "all");
  assert.equal((await client.profile()).deviceToken, deviceToken);
  assert.ok(client.session?.refreshToken);

  await mock.stop();
  assert.equal((await ask(`user=${deviceToken}`)).status, 502);
});
