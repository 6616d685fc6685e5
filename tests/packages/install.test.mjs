// @ts-check
// The installation of the packed package, which the other tests and the examples use.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { installPackage } from "./install.mjs";

/** A new folder and the place of the package in it. @param {import("node:test").TestContext} t */
async function emptyApp(t) {
  const folder = await mkdtemp(join(tmpdir(), "telematics-install-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "node_modules"));
  return { folder, place: join(folder, "node_modules/telematics-user-client") };
}

test("an installation leaves no file of the installation before", async (t) => {
  const { folder, place } = await emptyApp(t);
  await mkdir(place);
  await writeFile(join(place, "stale.js"), "");
  const files = await readdir(await installPackage(folder));
  assert.deepEqual([files.includes("index.js"), files.includes("stale.js")], [true, false]);
});

test("an installation replaces a link to a folder and writes nothing into that folder", async (t) => {
  const { folder, place } = await emptyApp(t);
  const linked = join(folder, "workspace");
  await mkdir(linked);
  await writeFile(join(linked, "own.js"), "");
  await symlink(linked, place);
  await installPackage(folder);
  assert.deepEqual(await readdir(linked), ["own.js"]);
});
