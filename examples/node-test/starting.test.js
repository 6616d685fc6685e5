// @ts-check
// The package's entry for tests: how a server starts, fails and ends.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connectMockServer, MockServerError, startMockServer } from "telematics-user-client/testing";

const entry = import.meta.resolve("telematics-user-client/testing");

/** @param {string} url */
const isGone = (url) => fetch(`${url}/__mock/health`).then(() => false, () => true);

/**
 * Another process that starts a server, prints its address and then does what the script says.
 *
 * @param {string} script
 */
async function parent(script) {
  const source = `import { startMockServer } from ${JSON.stringify(entry)}; const server = await startMockServer(); console.log(server.url); ${script}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const [url] = await once(child.stdout.setEncoding("utf8"), "data");
  return { child, exit, url: String(url).trim() };
}

/** @param {string} url */
async function goes(url) {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await isGone(url)) return true;
    await sleep(20);
  }
  return false;
}

test("a server says who it is, and is gone once it was stopped", async () => {
  const server = await startMockServer();
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.deepEqual(server.instance, {
    instanceId: "11111111-1111-4111-8111-111111111111",
    instanceKey: "22222222-2222-4222-8222-222222222222",
    inviteCode: "DEMO01",
  });
  assert.equal(server.ubiInstance.inviteCode, "UBI001");
  assert.equal(server.admin.email, "admin@example.com");
  await server.stop();
  assert.ok(await isGone(server.url));
  await server.stop();
});

test("a server is stopped at the end of its block", async () => {
  const server = await startMockServer();
  await server[Symbol.asyncDispose]();
  assert.ok(await isGone(server.url));
});

test("a call to a server that is gone says so", async () => {
  const server = await startMockServer();
  await server.stop();
  await assert.rejects(server.settings(), /^MockServerError: GET \/__mock\/settings: the mock server at http\S+ does not answer: connect ECONNREFUSED/);
});

test("seed and clock are the server's", async () => {
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

test("a program that is not there is named, and what to do", async () => {
  const sentence = /^MockServerError: \/nowhere\/telematics-mock was not found: build it with `cargo build -p telematics-mock`, then put it on PATH or name it by the option `binary` or by TELEMATICS_MOCK_BIN\.$/;
  await assert.rejects(startMockServer({ binary: "/nowhere/telematics-mock" }), sentence);
  await assert.rejects(startMockServer({ binary: new URL("file:///nowhere/telematics-mock") }), sentence);
  await assert.rejects(startMockServer({ binary: import.meta.dirname }), /cannot be run \(EACCES\): build it/);
});

test("the option beats the environment, and the environment beats PATH", async (t) => {
  const before = process.env.TELEMATICS_MOCK_BIN;
  t.after(() => {
    if (before === undefined) delete process.env.TELEMATICS_MOCK_BIN;
    else process.env.TELEMATICS_MOCK_BIN = before;
  });
  process.env.TELEMATICS_MOCK_BIN = "/nowhere/by-environment";
  await assert.rejects(startMockServer(), /by-environment was not found/);
  await assert.rejects(startMockServer({ binary: "/nowhere/by-option" }), /by-option was not found/);
  delete process.env.TELEMATICS_MOCK_BIN;
  await assert.rejects(startMockServer({ env: { PATH: "/nowhere" } }), /^MockServerError: telematics-mock was not found/);
});

test("a server that cannot start says why in its own words", async (t) => {
  const occupant = createServer().listen(0, "127.0.0.1");
  t.after(() => occupant.close());
  await once(occupant, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (occupant.address());
  await assert.rejects(
    startMockServer({ args: ["--port", String(port)] }),
    new RegExp(`^MockServerError: telematics-mock: port ${port} of 127\\.0\\.0\\.1 is taken; choose another`),
  );
  await assert.rejects(startMockServer({ args: ["--rotation", "round"] }), /'round' is no rotation/);
  await assert.rejects(startMockServer({ clock: "yesterday" }), /'yesterday'/);
});

test("a program that is something else is told apart", async () => {
  await assert.rejects(startMockServer({ binary: "/bin/echo" }), /its first line is no ready line/);
  await assert.rejects(startMockServer({ binary: "/bin/false" }), /\/bin\/false ended with 1 before it was ready/);
});

test("a control token goes along with every call, and into no error", async () => {
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

test("stopping waits for the answers that are under way", async () => {
  const server = await startMockServer();
  const path = "/v1/Management/users";
  await server.barriers.add({ match: { path }, parties: 2 });
  const held = fetch(server.url + path);
  while ((await server.barriers.list()).every(({ waiting }) => waiting === 0)) await sleep(5);
  await server.stop();
  assert.equal((await held).status, 401);
});

test("a server that was killed is missed when it is stopped", async () => {
  const before = new Set(await children());
  const server = await startMockServer();
  const [pid] = (await children()).filter((pid) => !before.has(pid));
  process.kill(Number(pid), "SIGKILL");
  assert.ok(await goes(server.url));
  await assert.rejects(server.stop(), /^MockServerError: The mock server ended with SIGKILL\.$/);
});

test("a process ends although its server runs, and takes the server along", { timeout: 20_000 }, async () => {
  const { exit, url } = await parent("");
  assert.deepEqual(await exit, [0, null]);
  assert.ok(await goes(url));
});

test("a process ends although it hears events nobody waits for", { timeout: 20_000 }, async () => {
  const { exit, url } = await parent("await server.events().opened;");
  assert.deepEqual(await exit, [0, null]);
  assert.ok(await goes(url));
});

test("a process that waits for an event does not end before it", { timeout: 20_000 }, async () => {
  const script = "const { value } = await server.events().next(); process.exitCode = value.type === 'clock' ? 5 : 6;";
  const { exit, url } = await parent(script);
  const clock = connectMockServer(url).clock;
  const ended = exit.then(([code]) => code);
  // Until it listens, nothing is heard.
  while ((await Promise.race([ended, sleep(20)])) === undefined) await clock.freeze().catch(() => {});
  assert.equal(await ended, 5);
});

for (const signal of /** @type {const} */ (["SIGTERM", "SIGKILL"])) {
  test(`a process that is ended by ${signal} takes its server along`, { timeout: 20_000 }, async () => {
    const { child, exit, url } = await parent("setInterval(() => {}, 1000);");
    assert.equal(await isGone(url), false);
    child.kill(signal);
    assert.deepEqual(await exit, [null, signal]);
    assert.ok(await goes(url), "the server outlived its process");
  });
}

/** The servers that this process has started: their ids. */
async function children() {
  const ps = spawn("ps", ["-o", "pid=,comm=", "--ppid", String(process.pid)], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = String(await ps.stdout.setEncoding("utf8").reduce((all, chunk) => all + chunk, "")).split("\n");
  return lines.filter((line) => line.includes("telematics-mock")).map((line) => line.trim().split(" ")[0]);
}
