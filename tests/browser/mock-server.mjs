// @ts-check
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as mock from "telematics-mock/server";

const root = new URL("../../", import.meta.url);
const binary = process.env.TELEMATICS_MOCK_BIN ?? new URL("target/debug/telematics-mock", root);
const demoPage = process.env.TELEMATICS_DEMO_PAGE ?? fileURLToPath(new URL("web-demo/dist", root));

/** Starts the mock server's binary with the demo page. */
export async function startMockServer() {
  if (!existsSync(demoPage)) throw new Error(`${demoPage} does not exist: build the page, or name its folder in TELEMATICS_DEMO_PAGE`);
  return mock.startMockServer({ binary, args: ["--page", demoPage] });
}
