// @ts-check
// The packed package, unpacked into an empty folder. Nothing is downloaded.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const tarballs = fileURLToPath(new URL("../../target/npm/", import.meta.url));

/** The path of the packed package. */
export async function tarball() {
  const [name] = (await readdir(tarballs)).filter((name) => name.endsWith(".tgz"));
  assert.ok(name, "target/npm has no tarball: run `cargo xtask pack`");
  return join(tarballs, name);
}

/**
 * Installs the package into the `node_modules` of a folder and resolves to the folder of the package. What was there before is removed:
 * files of another version, or a link to a workspace, whose files would be overwritten.
 *
 * @param {string} folder
 */
export async function installPackage(folder) {
  const target = join(folder, "node_modules/telematics-user-client");
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await promisify(execFile)("tar", ["-xzf", await tarball(), "-C", target, "--strip-components", "1"]);
  return target;
}
