// @ts-check
// The command `telematics-mock` in Node. What it has in common with the native program is tested with that (mock-server/tests).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** @import { TestContext } from "node:test" */

const COMMAND = fileURLToPath(new URL("../npm/bin/telematics-mock.js", import.meta.url));

const json = { "content-type": "application/json" };

/** @param {string[]} args @param {string} native the value of TELEMATICS_MOCK_BIN */
function start(args, native) {
  return spawn(process.execPath, [COMMAND, ...args], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, TELEMATICS_MOCK_BIN: native } });
}

/** @param {string[]} args @param {string} native */
async function run(args, native) {
  const child = start(args, native);
  const [[code], output, errors] = await Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]);
  return { code, output, errors };
}

/** A program in the shell. @param {TestContext} t @param {string} script */
async function program(t, script) {
  const folder = await mkdtemp(join(tmpdir(), "telematics-command-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "program");
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

/** A server without a native program, that ends with the test. @param {TestContext} t */
async function serve(t) {
  const child = start(["--port", "0", "--json", "--log", "off"], "none");
  t.after(() => child.kill());
  const [line] = await once(child.stdout, "data");
  return new URL(JSON.parse(String(line)).url);
}

test("a native program gets the arguments, and its output and its code are those of the command", async (t) => {
  const native = await program(t, 'echo "$@"; echo problem >&2; exit 7');
  assert.deepEqual(await run(["--port", "0"], native), { code: 7, output: "--port 0\n", errors: "problem\n" });
  assert.equal((await run([], await program(t, "kill -KILL $$"))).code, 137);
});

test("a native program gets the signals that the command gets", { timeout: 20_000 }, async (t) => {
  const child = start([], await program(t, "trap 'exit 5' TERM; echo; while :; do sleep 0.01; done"));
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [5, null]);
});

test("a native program ends when the command is killed", { timeout: 20_000 }, async (t) => {
  const child = start([], await program(t, "trap 'echo ended; exit' TERM; echo started; while :; do sleep 0.01; done"));
  child.stdout.once("data", () => child.kill("SIGKILL"));
  assert.equal(await text(child.stdout), "started\nended\n");
});

test("a native program that is missing is one sentence with the remedy", async () => {
  const { code, output, errors } = await run([], "/nowhere/telematics-mock");
  assert.deepEqual([code, output], [1, ""]);
  assert.match(errors, /^telematics-mock: \/nowhere\/telematics-mock was not found \(named by TELEMATICS_MOCK_BIN\): install it with .+\n$/);
});

test("the command does not call itself, and `none` asks for the WebAssembly", async () => {
  for (const native of [COMMAND, "none", ""]) {
    const { code, output } = await run(["--version"], native);
    assert.deepEqual([code, output], [0, "telematics-mock 0.1.0\n"], native);
  }
});

test("requests that a client sends before it reads are answered one after the other", async (t) => {
  const url = await serve(t);
  const fault = { match: { path: "/v1/Management/users" }, then: { delayMs: 50 } };
  await fetch(new URL("/__mock/faults", url), { method: "POST", headers: json, body: JSON.stringify(fault) });
  const socket = connect(Number(url.port), url.hostname);
  const get = (/** @type {string} */ path, headers = "") => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;
  socket.write(get("/v1/Management/users") + get("/__mock/requests", "Connection: close\r\n"));
  const [, first, second] = (await text(socket)).split("HTTP/1.1 ");
  assert.match(first ?? "", /^401 /);
  assert.match(second ?? "", /"path":"\/v1\/Management\/users".*"status":401/);
});

test("a client that leaves gives up what it waits for", { timeout: 20_000 }, async (t) => {
  const url = await serve(t);
  const barriers = `${url}__mock/barriers`;
  await fetch(barriers, { method: "POST", headers: json, body: JSON.stringify({ match: { path: "/v1/Management/users" }, parties: 2 }) });
  const waiting = async () => /** @type {{ waiting: number }[]} */ (await (await fetch(barriers)).json())[0]?.waiting;
  const held = request(new URL("/v1/Management/users", url)).on("error", () => {});
  held.end();
  while ((await waiting()) !== 1);
  held.destroy();
  while ((await waiting()) !== 0);
});

test("a command that cannot be started has the sentence and the code of the native program, and its server has ended", async (t) => {
  const path = await program(t, "");
  const state = `${path}.json`;
  const expected = /** @type {[string, number, string][]} */ ([
    ["", 127, "the command '' was not found; check its name, or give its path"],
    [`${path}.none`, 127, `the command '${path}.none' was not found; check its name, or give its path`],
    [`${path}/x`, 126, `the command '${path}/x' cannot be run: Not a directory (os error ${constants.errno.ENOTDIR})`],
    [tmpdir(), 126, `the command '${tmpdir()}' cannot be run: Permission denied (os error ${constants.errno.EACCES})`],
  ]);
  for (const [command, code, sentence] of expected) {
    assert.deepEqual(await run(["exec", "--state-file", state, "--log", "off", "--", command], "none"), { code, output: "", errors: `telematics-mock: ${sentence}\n` });
    await access(state);
    await assert.rejects(access(`${state}.pid`));
  }
});

test("a command that cannot be sent a signal is waited for", { timeout: 20_000 }, async () => {
  const refuse = `import { ChildProcess } from "node:child_process"; ChildProcess.prototype.kill = function () { console.error("refused"); this.emit("error", new Error("kill EPERM")); return false; };`;
  const script = "echo ready; read -r nothing; exit 6";
  const child = spawn(process.execPath, [`--import=data:text/javascript,${encodeURIComponent(refuse)}`, COMMAND, "exec", "--log", "off", "--", "sh", "-c", script], {
    env: { ...process.env, TELEMATICS_MOCK_BIN: "none" },
  });
  const exit = once(child, "exit");
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  assert.equal(String((await once(child.stderr, "data"))[0]), "refused\n");
  child.stdin.end("\n");
  assert.deepEqual(await exit, [6, null]);
});
