// @ts-check
// The entries of the packed package, as a test of an app imports them.
import { mkdtemp } from "node:fs/promises";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { installPackage } from "./install.mjs";

// The built binary is the default, so that these tests also run without `cargo xtask`.
process.env.TELEMATICS_MOCK_BIN ??= fileURLToPath(new URL("../../target/debug/telematics-mock", import.meta.url));

const folder = await mkdtemp(join(tmpdir(), "telematics-shipped-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const installed = await installPackage(folder);

/** The URL of the testing entry. */
export const testingEntry = pathToFileURL(join(installed, "testing.js")).href;

/** @type {typeof import("telematics-user-client")} */
export const client = await import(pathToFileURL(join(installed, "index.js")).href);

/** @type {typeof import("telematics-user-client/testing")} */
export const testing = await import(testingEntry);

/** @type {typeof import("telematics-user-client/testing/page")} */
export const testingPage = await import(pathToFileURL(join(installed, "testing/page.js")).href);
