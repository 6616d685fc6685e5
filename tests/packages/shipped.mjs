// @ts-check
// The entries of the packed packages, as a test of an app imports them.
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
const clientFolder = await installPackage(folder);
const mockFolder = await installPackage(folder, "telematics-mock");

/** The URL of the entry that starts servers. */
export const serverEntry = pathToFileURL(join(mockFolder, "server.js")).href;

/** @type {typeof import("telematics-user-client")} */
export const client = await import(pathToFileURL(join(clientFolder, "index.js")).href);

/** @type {typeof import("telematics-mock/server")} */
export const mockServer = await import(serverEntry);

/** @type {typeof import("telematics-mock/page")} */
export const mockPage = await import(pathToFileURL(join(mockFolder, "page.js")).href);
