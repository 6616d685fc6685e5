// @ts-check
// The packed packages, unpacked into an empty folder. Nothing is downloaded.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** @typedef {typeof packages[number]} Package */

const tarballs = fileURLToPath(new URL("../../target/npm/", import.meta.url));

/** The packages that `cargo xtask pack` packs. */
export const packages = /** @type {const} */ (["telematics-user-client", "telematics-mock"]);

/** The path of a packed package. @param {Package} name */
export async function tarball(name) {
  const file = (await readdir(tarballs)).find((file) => new RegExp(`^${name}-\\d.*\\.tgz$`).test(file));
  assert.ok(file, `target/npm has no tarball of ${name}: run \`cargo xtask pack\``);
  return join(tarballs, file);
}

/**
 * Installs a package into the `node_modules` of a folder and resolves to the folder of the package. What was there before is removed:
 * files of another version, or a link to a workspace, whose files would be overwritten.
 *
 * @param {string} folder
 * @param {Package} [name]
 */
export async function installPackage(folder, name = "telematics-user-client") {
  const target = join(folder, "node_modules", name);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await promisify(execFile)("tar", ["-xzf", await tarball(name), "-C", target, "--strip-components", "1"]);
  return target;
}
