// @ts-check
// An app of Next with the App Router, built and started with the default settings.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { promisify } from "node:util";

import { beside, install, withBrowser } from "./clean-app.mjs";

const run = promisify(execFile);
const open = withBrowser();
const next = createRequire(import.meta.url).resolve("next/dist/bin/next");

const layout = `export const metadata = { title: "running" };

export default function Layout({ children }) {
  return <html><body>{children}</body></html>;
}`;

const component = `"use client";
import { useEffect } from "react";
import * as entry from "telematics-user-client";
import { run } from "../app.mjs";

export default function Page() {
  useEffect(() => {
    run(entry).then((result) => { document.title = result; });
  }, []);
  return null;
}`;

test("the package works in a client component of Next, and loads the WebAssembly from its own file", async (t) => {
  // Next finds itself and React from the folder of the app.
  const folder = await install(t, { "app/layout.jsx": layout, "app/page.jsx": component }, beside);
  const options = { cwd: folder, env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: undefined } };
  await run(process.execPath, [next, "build"], options);
  const server = spawn(process.execPath, [next, "start", "--hostname", "127.0.0.1", "--port", "0"], options);
  t.after(async () => {
    // With another signal the server would wait for the connections that the browser keeps open.
    server.kill("SIGKILL");
    await once(server, "exit");
  });
  const { result, loaded } = await open(t, await addressIn(server.stdout));
  assert.equal(result, "works");
  assert.ok(loaded.some((path) => path.endsWith(".wasm")));
});

/** The first address that a server prints. @param {import("node:stream").Readable} output */
async function addressIn(output) {
  const lines = [];
  for await (const line of createInterface(output)) {
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (address) return address;
    lines.push(line);
  }
  throw new Error(`the server printed no address:\n${lines.join("\n")}`);
}
