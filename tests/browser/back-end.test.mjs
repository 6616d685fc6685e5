// @ts-check
// The back end in Node of the package's README, run as it stands: a client without the key lives on it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { UserServiceClient } from "telematics-user-client";
import { startMockServer } from "./mock-server.mjs";

/** The first sample of that section in that language. @param {string} section @param {string} language */
async function sample(section, language) {
  const readme = await readFile(new URL("../../client-wasm/npm/README.md", import.meta.url), "utf8");
  const text = readme.split(section)[1]?.split(`\`\`\`${language}\n`)[1]?.split("```")[0];
  assert.ok(text, `the README has no ${language} after "${section}"`);
  return text;
}

/** A port that nobody uses. @returns {Promise<number>} */
async function freePort() {
  const server = createServer();
  await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (!address || typeof address === "string") throw new Error("there is no free port");
  return address.port;
}

test("the back end of the README, as it stands, signs a user of a page without the key in again", { timeout: 30_000 }, async (t) => {
  const mock = await startMockServer();
  // Where the test came to its end, the server has been stopped.
  t.after(() => mock.stop().catch(() => {}));
  const { instanceId, instanceKey } = mock.instance;
  const kept = new Map();
  const storage = {
    load: (/** @type {string} */ key) => kept.get(key) ?? null,
    save: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
    remove: (/** @type {string} */ key) => void kept.delete(key),
  };
  const trusted = await UserServiceClient.create({ baseUrl: mock.url, instanceId, instanceKey, storage });
  const { deviceToken } = await trusted.register();
  trusted.dispose();

  const text = await sample("The back end in Node:", "js");
  assert.ok(text.trimEnd().split("\n").length <= 20, "the sample is longer than 20 lines");
  const folder = await mkdtemp(join(tmpdir(), "telematics-back-end-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const yours = 'const deviceTokenOf = ({ headers }) => headers.cookie?.split("user=")[1];\n';
  await writeFile(join(folder, "server.mjs"), text + yours);
  const port = await freePort();
  const child = spawn(process.execPath, ["server.mjs"], {
    cwd: folder,
    env: { SERVICE_URL: mock.url, INSTANCE_ID: instanceId, INSTANCE_KEY: instanceKey, PORT: String(port) },
    stdio: "inherit",
  });
  t.after(() => child.kill());

  /** As the cookie of a browser names the user. @param {string} cookie @returns {Promise<Response>} */
  const ask = async (cookie) => {
    try {
      return await fetch(`http://127.0.0.1:${port}/telematics-login`, { method: "POST", headers: { cookie } });
    } catch (error) {
      // It is still starting.
      if (child.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return ask(cookie);
    }
  };
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
