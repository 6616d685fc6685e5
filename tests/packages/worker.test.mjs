// @ts-check
// The mock as a service worker from the packed package: the script that sites copy, and a script of the site.
import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import * as esbuild from "esbuild";
import { install, page, serve, withBrowser } from "./clean-app.mjs";

const open = withBrowser();
const html = page('<script type="module" src="app.js"></script>');

/** An app whose title is the number of users of its mock. @param {string} options of `startMockWorker` */
const app = (options) => `import { startMockWorker } from "./node_modules/telematics-mock/page.js";
const mock = await startMockWorker(${options});
document.title = mock.url + " has " + (await mock.users.list()).users.length;`;

test("a site copies the script of the package beside its page", async (t) => {
  const folder = await install(t, { "index.html": html, "app.js": app("") });
  await copyFile(join(folder, "node_modules/telematics-mock/telematics-mock-worker.js"), join(folder, "telematics-mock-worker.js"));
  const address = await serve(t, folder);
  const { result, requested } = await open(t, address);
  assert.equal(result, `${address}mock has 0`);
  assert.deepEqual(requested.filter((path) => path.endsWith(".wasm")), []);
});

test("a bundler makes the worker of a site one file, as a module and as a script", async (t) => {
  for (const [type, format] of /** @type {const} */ ([["module", "esm"], ["classic", "iife"]])) {
    const folder = await install(t, {
      "index.html": html,
      "app.js": app(`{ script: "dist/worker.js", type: "${type}", scope: "/" }`),
      "worker.js": 'import { serveMock } from "telematics-mock/worker"; serveMock({ users: [{}, {}] });',
    });
    await esbuild.build({ absWorkingDir: folder, entryPoints: ["worker.js"], bundle: true, outdir: "dist", logLevel: "error", format });
    // The worker is not in the folder of its pages.
    const address = await serve(t, folder, { headers: { "Service-Worker-Allowed": "/" } });
    assert.equal((await open(t, address)).result, `${address}mock has 2`);
  }
});
