// @ts-check
// The lock file of a state file, for the command in Node.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { lock, unlock } from "../npm/bin/lock.js";

/** The path of a lock file in a folder of its own. @param {import("node:test").TestContext} t */
function place(t) {
  const folder = mkdtempSync(join(tmpdir(), "telematics-lock-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, path: join(folder, "state.pid") };
}

/** The number of a process that has ended. */
const endedProcess = () => spawnSync(process.execPath, ["--eval", ""]).pid;

test("a lock counts until it is given back, and leaves nothing behind", (t) => {
  const { folder, path } = place(t);
  assert.equal(lock(path), true);
  assert.equal(lock(path), false);
  assert.deepEqual(readdirSync(folder), ["state.pid"]);
  unlock(path);
  assert.equal(lock(path), true);
  unlock(path);
  assert.deepEqual(readdirSync(folder), []);
});

test("the lock of a process that has ended, and a file that names no process, are taken over", (t) => {
  const { path } = place(t);
  for (const content of [`${endedProcess()}\n`, "", "nonsense", "-1"]) {
    writeFileSync(path, content);
    assert.equal(lock(path), true, content);
    unlock(path);
  }
});

test("nobody gives back the lock of another process", (t) => {
  const { path } = place(t);
  writeFileSync(path, `${process.ppid}\n`);
  assert.equal(lock(path), false);
  unlock(path);
  assert.ok(existsSync(path));
});

test("a lock that was left is taken over by one of several processes", async (t) => {
  const { folder, path } = place(t);
  writeFileSync(path, `${endedProcess()}\n`);
  const source = `import { lock } from ${JSON.stringify(new URL("../npm/bin/lock.js", import.meta.url))}; console.log(lock(${JSON.stringify(path)})); process.stdin.resume();`;
  const children = Array.from({ length: 4 }, () => spawn(process.execPath, ["--input-type=module", "--eval", source], { stdio: ["pipe", "pipe", "inherit"] }));
  const said = await Promise.all(children.map(async (child) => String((await once(child.stdout, "data"))[0]).trim()));
  for (const child of children) child.stdin.end();
  assert.deepEqual(said.sort(), ["false", "false", "false", "true"]);
  assert.deepEqual(readdirSync(folder), ["state.pid"]);
});

test("a lock file that cannot be written is an error", (t) => {
  const { path } = place(t);
  assert.throws(() => lock(join(path, "no-folder")), { code: "ENOENT" });
});
