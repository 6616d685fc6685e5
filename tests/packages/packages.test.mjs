// @ts-check
// The packed packages: their files, in Node, and as others check packages.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { install } from "./clean-app.mjs";
import { packages, tarball } from "./install.mjs";

const run = promisify(execFile);
/** @param {string} entry */
const main = (entry) => `import * as entry from "${entry}"; import { run } from "./app.mjs"; console.log(await run(entry));`;

test("the client works in Node, and importing it has no side effect", async (t) => {
  const folder = await install(t, {
    "main.js": main("telematics-user-client"),
    "inline.js": main("telematics-user-client/inline"),
    "require.cjs": 'const entry = require("telematics-user-client"); import("./app.mjs").then(({ run }) => run(entry)).then(console.log);',
    "idle.js": 'const before = Object.keys(globalThis).join(); await import("telematics-user-client"); console.log(Object.keys(globalThis).join() === before ? "works" : "changed");',
  });
  for (const script of ["main.js", "inline.js", "require.cjs", "idle.js"]) {
    const { stdout } = await run(process.execPath, [script], { cwd: folder });
    assert.equal(stdout, "works\n", script);
  }
});

for (const name of packages) {
  test(`${name} contains licences, documentation, types of each script and no path of this machine`, async (t) => {
    const folder = join(await install(t), "node_modules", name);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
    const { exports } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const named = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? entry : Object.values(entry)));
    for (const path of ["LICENSE-APACHE", "LICENSE-MIT", "README.md", ...named.map((path) => path.slice(2))]) assert.ok(files.includes(path), path);
    for (const path of files) assert.doesNotMatch(await readFile(join(folder, path), "latin1"), /\/home\/|\/root\/|\/Users\/|\.cargo|registry\/src/, path);
  });

  test(`publint finds nothing to say about ${name}`, async () => {
    const { buffer } = new Uint8Array(await readFile(await tarball(name)));
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
    assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
  });

  test(`the types of each entry of ${name} are found under every resolution of TypeScript, and nothing of it is CommonJS`, async (t) => {
    const attw = fileURLToPath(new URL("../../node_modules/@arethetypeswrong/cli/dist/index.js", import.meta.url));
    // The WebAssembly has no types, nor has the script that sites copy.
    const untyped = ["client.wasm", "mock.wasm", "telematics-mock-worker.js"];
    const settings = ["--no-definitely-typed", "--exclude-entrypoints", ...untyped, "--format", "json"];
    // The program ends before a pipe has taken its whole output, so it writes to a file.
    const folder = await mkdtemp(join(tmpdir(), "telematics-types-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const output = await open(join(folder, "problems.json"), "w+");
    const checking = spawn(process.execPath, [attw, await tarball(name), ...settings], { stdio: ["ignore", output.fd, "inherit"] });
    await once(checking, "close");
    await output.close();
    const { CJSResolvesToESM: onlyModules, ...problems } = JSON.parse(await readFile(join(folder, "problems.json"), "utf8")).problems;
    assert.ok(onlyModules);
    assert.deepEqual(problems, {});
  });
}
