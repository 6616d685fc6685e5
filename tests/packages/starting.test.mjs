// @ts-check
// The entry `telematics-mock/server`: how a server starts, fails and ends.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { listen } from "../browser/listen.mjs";
import { until } from "../browser/until.mjs";
import { mockServer, serverEntry } from "./shipped.mjs";

/** @import * as Entry from "telematics-mock/server" */

const { connectMockServer, MockServerError, startMockServer } = mockServer;

/** @param {string} url */
const isGone = (url) => fetch(`${url}/__mock/health`).then(() => false, () => true);

/**
 * Starts another process, which starts a server, prints the server's address and then runs the script.
 *
 * @param {string} script
 */
async function parent(script) {
  const source = `import { startMockServer } from ${JSON.stringify(serverEntry)}; const server = await startMockServer(); console.log(server.url); ${script}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const [url] = await once(child.stdout.setEncoding("utf8"), "data");
  return { child, exit, url: String(url).trim() };
}

/** Waits until the server has ended. @param {string} url */
const ends = (url) => until(`the server at ${url} has ended`, () => isGone(url));

test("a server describes itself, and has ended once it is stopped", async () => {
  const server = await startMockServer();
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.deepEqual(server.instance, {
    instanceId: "11111111-1111-4111-8111-111111111111",
    instanceKey: "22222222-2222-4222-8222-222222222222",
    inviteCode: "DEMO01",
  });
  assert.equal(server.ubiInstance.inviteCode, "UBI001");
  assert.equal(server.admin.email, "admin@example.com");
  assert.deepEqual([server.configuredInstances, server.config], [[], undefined]);
  await server.stop();
  assert.ok(await isGone(server.url));
  await server.stop();
});

test("a server is stopped at the end of its block", async () => {
  const server = await startMockServer();
  await server[Symbol.asyncDispose]();
  assert.ok(await isGone(server.url));
});

test("a call to a server that has ended names the reason", async () => {
  const server = await startMockServer();
  await server.stop();
  await assert.rejects(server.settings(), /^MockServerError: GET \/__mock\/settings: the mock server at http\S+ does not answer: connect ECONNREFUSED/);
});

test("seed and clock reach the server", async () => {
  const start = () => startMockServer({ seed: 7, clock: new Date("2026-01-01T00:00:00Z") });
  const [one, two] = await Promise.all([start(), start()]);
  assert.deepEqual(await one.clock.read(), { now: new Date("2026-01-01T00:00:00Z"), frozen: true, expired: { accessTokens: 0, refreshTokens: 0 } });
  const [mine, yours] = await Promise.all([one.createInstance(), two.createInstance()]);
  assert.deepEqual(mine.instance, yours.instance);
  await Promise.all([one.stop(), two.stop()]);
});

test("options and environment reach the server", async () => {
  const server = await startMockServer({ args: ["--rotation", "grace=3s"], env: { TELEMATICS_MOCK_LOGIN_LOCKOUT: "true" } });
  const { rotation, graceSeconds, loginLockout } = await server.settings();
  assert.deepEqual({ rotation, graceSeconds, loginLockout }, { rotation: "grace", graceSeconds: 3, loginLockout: true });
  await server.stop();
});

test("the error for a missing program names the program and the remedy", async () => {
  const sentence = /^MockServerError: \/nowhere\/telematics-mock was not found \(named by the option `binary`\): install it with `npm install --save-dev telematics-mock-\w+-\w+`, or with `cargo install --path mock-server` in the repository of the kit, or build it there with `cargo build -p telematics-mock` and name target\/debug\/telematics-mock in the option `binary` or in TELEMATICS_MOCK_BIN\.$/;
  await assert.rejects(startMockServer({ binary: "/nowhere/telematics-mock" }), sentence);
  await assert.rejects(startMockServer({ binary: new URL("file:///nowhere/telematics-mock") }), sentence);
  await assert.rejects(startMockServer({ binary: import.meta.dirname }), /cannot be run \(EACCES; named by the option `binary`\): install it/);
});

/** @param {Entry.MockServer} server */
async function answers(server) {
  assert.equal((await server.health()).status, "ok");
  await server.stop();
}

/** A program that ends with this sentence. @param {string} sentence */
const failing = (sentence) => `#!/bin/sh\necho ${sentence} >&2\nexit 1\n`;

test("the option overrides the environment, which overrides the package for the platform, which overrides PATH, which overrides the WebAssembly", async (t) => {
  const before = process.env.TELEMATICS_MOCK_BIN;
  t.after(() => void (process.env.TELEMATICS_MOCK_BIN = before));
  delete process.env.TELEMATICS_MOCK_BIN;
  const folder = await mkdtemp(join(tmpdir(), "telematics-path-"));
  const platform = fileURLToPath(new URL(`../telematics-mock-${process.platform}-${process.arch}/`, serverEntry));
  for (const place of [folder, platform]) t.after(() => rm(place, { recursive: true, force: true }));
  const start = () => startMockServer({ env: { PATH: folder } });

  await answers(await start());
  await writeFile(join(folder, "telematics-mock"), failing("from PATH"), { mode: 0o755 });
  await assert.rejects(start(), /^MockServerError: from PATH$/);
  await mkdir(platform);
  await writeFile(join(platform, "package.json"), "{}");
  await assert.rejects(start(), /was not found \(named by the package telematics-mock-\w+-\w+\): install it/);
  await writeFile(join(platform, "telematics-mock"), failing("from the package"), { mode: 0o755 });
  await assert.rejects(start(), /^MockServerError: from the package$/);
  process.env.TELEMATICS_MOCK_BIN = "/nowhere/by-environment";
  await assert.rejects(start(), /by-environment was not found \(named by TELEMATICS_MOCK_BIN\)/);
  await assert.rejects(startMockServer({ binary: "/nowhere/by-option" }), /by-option was not found/);
  process.env.TELEMATICS_MOCK_BIN = "none";
  await answers(await start());
});

test("a server that cannot start is explained in its own words", async (t) => {
  const { port, close } = await listen(createServer());
  t.after(close);
  await assert.rejects(
    startMockServer({ args: ["--port", String(port)] }),
    new RegExp(`^MockServerError: telematics-mock: port ${port} of 127\\.0\\.0\\.1 is in use; choose another`),
  );
  await assert.rejects(startMockServer({ args: ["--rotation", "round"] }), /'round' is not a valid rotation; it is strict, grace=10s, reuse, off, hydra-grace=10s, supabase=10s or keycloak/);
  await assert.rejects(startMockServer({ clock: "yesterday" }), /'yesterday'/);
});

test("a program that is not the mock server is recognised", async () => {
  await assert.rejects(startMockServer({ binary: "/bin/echo" }), /is not a mock server of this version: its first line is not a ready line/);
  await assert.rejects(startMockServer({ binary: "/bin/false" }), /\/bin\/false ended with 1 before it was ready/);
});

test("every call carries the control token, and no error contains it", async () => {
  const token = "canary-of-the-control-token";
  const server = await startMockServer({ env: { TELEMATICS_MOCK_CONTROL_TOKEN: token } });
  await server.configure({ loginTokenSeconds: 60 });
  const worker = connectMockServer(server.url, { controlToken: token });
  assert.equal((await worker.settings()).loginTokenSeconds, 60);

  const stranger = connectMockServer(new URL(server.url), { controlToken: "canary-of-a-wrong-token" });
  await assert.rejects(stranger.settings(), (error) => {
    assert.ok(error instanceof MockServerError);
    assert.equal(error.status, 401);
    assert.doesNotMatch(JSON.stringify({ ...error, message: error.message, stack: error.stack }), /canary/);
    return true;
  });
  await assert.rejects(stranger.events().next(), { status: 401 });
  await server.stop();
});

test("stopping waits for open requests", async () => {
  const server = await startMockServer();
  const path = "/v1/Management/users";
  await server.barriers.add({ match: { path }, parties: 2 });
  const held = fetch(server.url + path);
  await until("the barrier holds the request", async () => (await server.barriers.list()).some(({ waiting }) => waiting > 0));
  await server.stop();
  assert.equal((await held).status, 401);
});

test("stopping a server that was killed rejects", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "telematics-killed-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  // The script writes its process id and then becomes the server.
  const [script, pidFile] = [join(folder, "start.sh"), join(folder, "pid")];
  await writeFile(script, '#!/bin/sh\necho $$ > "$PID_FILE"\nexec "$TELEMATICS_MOCK_BIN" "$@"\n', { mode: 0o755 });
  const server = await startMockServer({ binary: script, env: { PID_FILE: pidFile } });
  process.kill(Number(await readFile(pidFile, "utf8")), "SIGKILL");
  await ends(server.url);
  await assert.rejects(server.stop(), /^MockServerError: The mock server ended with SIGKILL\.$/);
});

test("a process ends while its server runs, and the server ends too", { timeout: 20_000 }, async () => {
  const { exit, url } = await parent("");
  assert.deepEqual(await exit, [0, null]);
  await ends(url);
});

test("a process ends while a stream of events is open and no caller waits for an event", { timeout: 20_000 }, async () => {
  const { exit, url } = await parent("await server.events().opened;");
  assert.deepEqual(await exit, [0, null]);
  await ends(url);
});

test("a process that waits for an event does not end before the event", { timeout: 20_000 }, async () => {
  const script = "const { value } = await server.events().next(); process.exitCode = value.type === 'clock' ? 5 : 6;";
  const { child, exit, url } = await parent(script);
  const { clock } = connectMockServer(url);
  // The stream misses events from before it is open, so the event is repeated until the process has received it.
  await until("the process has ended", () => clock.freeze().then(() => child.exitCode !== null, () => true));
  assert.deepEqual(await exit, [5, null]);
});

for (const signal of /** @type {const} */ (["SIGTERM", "SIGKILL"])) {
  test(`a server ends when its process is ended by ${signal}`, { timeout: 20_000 }, async () => {
    const { child, exit, url } = await parent("setInterval(() => {}, 1000);");
    assert.equal(await isGone(url), false);
    child.kill(signal);
    assert.deepEqual(await exit, [null, signal]);
    await ends(url);
  });
}

test("an option that does not exist is refused with the known ones", async () => {
  const starting = mockServer.startMockServer(/** @type {any} */ ({ port: 4655 }));
  await assert.rejects(starting, { name: "MockServerError", message: /^startMockServer: port is unknown; the known options are binary, args, seed, clock, env\./ });
});
