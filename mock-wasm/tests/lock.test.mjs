// @ts-check
// The lock file of a state file, for the command in Node.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
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

test("the lock of an earlier process with the same number is taken over", (t) => {
  const { folder, path } = place(t);
  writeFileSync(path, `${process.pid}\n`);
  assert.equal(lock(path), true);
  assert.equal(lock(path), false);
  unlock(path);
  assert.deepEqual(readdirSync(folder), []);
});

test("a process that was killed while it took a lock over keeps nobody from it", (t) => {
  const { folder, path } = place(t);
  for (const pid of [endedProcess(), process.pid]) {
    for (const name of [path, `${path}.takeover`, `${path}.${process.pid}`]) writeFileSync(name, `${pid}\n`);
    assert.equal(lock(path), true);
    assert.deepEqual(readdirSync(folder), ["state.pid"]);
    unlock(path);
  }
});

test("a lock that another process takes over is left to that one", (t) => {
  const { path } = place(t);
  writeFileSync(path, `${endedProcess()}\n`);
  writeFileSync(`${path}.takeover`, `${process.ppid}\n`);
  assert.equal(lock(path), false);
  assert.ok(existsSync(`${path}.takeover`));
});

test("a lock that this user must not read is not taken over", { skip: process.platform === "win32" }, (t) => {
  const { folder, path } = place(t);
  writeFileSync(path, `${endedProcess()}\n`, { mode: 0o000 });
  chmodSync(folder, 0o777);
  // The superuser may read every file.
  const isSuperuser = process.geteuid?.() === 0;
  if (isSuperuser) process.seteuid?.(65_534);
  try {
    assert.equal(lock(path), false);
  } finally {
    if (isSuperuser) process.seteuid?.(0);
  }
  assert.deepEqual(readdirSync(folder), ["state.pid"]);
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
  const source = `
    import { lock, unlock } from ${JSON.stringify(new URL("../npm/bin/lock.js", import.meta.url))};
    console.error("ready");
    process.stdin.once("data", () => console.log(lock(${JSON.stringify(path)}))).resume();`;
  for (let round = 0; round < 5; round += 1) {
    writeFileSync(path, `${endedProcess()}\n`);
    const children = Array.from({ length: 4 }, () => spawn(process.execPath, ["--input-type=module", "--eval", source]));
    await Promise.all(children.map((child) => once(child.stderr, "data")));
    const said = children.map((child) => text(child.stdout));
    for (const child of children) child.stdin.write("go\n");
    await Promise.all(children.map((child) => once(child.stdout, "data")));
    for (const child of children) child.stdin.end();
    assert.deepEqual((await Promise.all(said)).sort(), ["false\n", "false\n", "false\n", "true\n"]);
    assert.deepEqual(readdirSync(folder), ["state.pid"]);
  }
});

test("a lock file that cannot be written is an error", (t) => {
  const { path } = place(t);
  assert.throws(() => lock(join(path, "no-folder")), { code: "ENOENT" });
});
