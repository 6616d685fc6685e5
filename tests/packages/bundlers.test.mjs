// @ts-check
// Apps built by bundlers with their default settings. Nothing is downloaded: the bundlers come from the lock file of the repository.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { nodeResolve } from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import * as vite from "vite";
import webpack from "webpack";
import { install, page, serve, show, withBrowser } from "./clean-app.mjs";
import { mockServer } from "./shipped.mjs";

const run = promisify(execFile);
const open = withBrowser();
const parcel = createRequire(import.meta.url).resolve("parcel/lib/bin.js");

const html = page('<script type="module" src="./main.js"></script>');
const classic = page('<script defer src="./main.js"></script>');

/** @typedef {import("node:test").TestContext} TestContext */
/** @param {TestContext} t @param {string} folder */
const served = (t, folder) => serve(t, join(folder, "dist"));
/** @param {string} folder @param {string} text */
const writePage = (folder, text) => writeFile(join(folder, "dist/index.html"), text);

/**
 * Bundles `main.js` with esbuild.
 *
 * @param {string} folder
 * @param {esbuild.BuildOptions} options
 */
async function bundleWithEsbuild(folder, options) {
  await esbuild.build({ absWorkingDir: folder, entryPoints: ["main.js"], bundle: true, outdir: "dist", logLevel: "error", ...options });
  await writePage(folder, options.format === "esm" ? html : classic);
}

/**
 * The bundlers. `build` builds an app and resolves to the address of its page; `copies` says whether the bundler copies the file with the
 * WebAssembly, as the README tells.
 *
 * @type {Record<string, { copies: boolean, build: (t: TestContext, folder: string) => Promise<string> }>}
 */
const bundlers = {
  Vite: {
    copies: true,
    async build(t, folder) {
      await vite.build({ root: folder, configFile: false, logLevel: "error" });
      return served(t, folder);
    },
  },
  "the development server of Vite": {
    copies: true,
    async build(t, folder) {
      const server = await vite.createServer({ root: folder, configFile: false, logLevel: "error", server: { host: "127.0.0.1", port: 0 } });
      t.after(() => server.close());
      await server.listen();
      return /** @type {string} */ (server.resolvedUrls?.local[0]);
    },
  },
  webpack: {
    copies: true,
    async build(t, folder) {
      const compiler = webpack({ context: folder, entry: "./main.js", output: { path: join(folder, "dist") }, mode: "production" });
      const stats = await new Promise((resolve, reject) => compiler.run((error, stats) => (error ? reject(error) : resolve(stats))));
      assert.equal(stats.hasErrors(), false, stats.toString());
      await writePage(folder, classic);
      return served(t, folder);
    },
  },
  Parcel: {
    copies: true,
    async build(t, folder) {
      await run(process.execPath, [parcel, "build", "index.html", "--no-cache", "--no-autoinstall"], { cwd: folder });
      return served(t, folder);
    },
  },
  "esbuild with one file": {
    copies: false,
    async build(t, folder) {
      await bundleWithEsbuild(folder, {});
      return served(t, folder);
    },
  },
  "esbuild with several files": {
    copies: false,
    async build(t, folder) {
      await bundleWithEsbuild(folder, { format: "esm", splitting: true });
      return served(t, folder);
    },
  },
  Rollup: {
    copies: false,
    async build(t, folder) {
      const bundle = await rollup({ input: join(folder, "main.js"), plugins: [nodeResolve()] });
      await bundle.write({ dir: join(folder, "dist") });
      await bundle.close();
      await writePage(folder, html);
      return served(t, folder);
    },
  },
};

/** @param {string[]} paths */
const containsModule = (paths) => paths.some((path) => path.endsWith(".wasm"));

for (const [name, { copies, build }] of Object.entries(bundlers)) {
  const source = copies ? "its own file" : "JavaScript";
  test(`the package works in an app built by ${name}, and loads the WebAssembly from ${source}`, async (t) => {
    const folder = await install(t, { "index.html": html, "main.js": show() });
    const { result, loaded } = await open(t, await build(t, folder));
    assert.deepEqual({ result, copies: containsModule(loaded) }, { result: "works", copies });
  });

  test(`the entry \`inline\` works in an app built by ${name}, and requests no file with the WebAssembly`, async (t) => {
    const folder = await install(t, { "index.html": html, "main.js": show("telematics-user-client/inline") });
    const { result, requested } = await open(t, await build(t, folder));
    assert.deepEqual({ result, requests: containsModule(requested) }, { result: "works", requests: false });
  });
}

test("the option `wasm` loads a copy of `telematics-user-client/client.wasm`", async (t) => {
  const folder = await install(t, { "main.js": show("telematics-user-client", '{ wasm: "copy.wasm" }') });
  await bundleWithEsbuild(folder, { format: "esm", splitting: true });
  await copyFile(createRequire(join(folder, "main.js")).resolve("telematics-user-client/client.wasm"), join(folder, "dist/copy.wasm"));
  const { result, loaded } = await open(t, await served(t, folder));
  assert.equal(result, "works");
  assert.ok(loaded.includes("/copy.wasm"));
});

test("a page controls the mock server with the entry `telematics-mock/page`", async (t) => {
  const script = `import { connectMockServer } from "telematics-mock/page";
    connectMockServer(location.hash.slice(1)).health().then(({ status }) => status, String).then((result) => { document.title = result; });`;
  const folder = await install(t, { "main.js": script });
  await bundleWithEsbuild(folder, {});
  const mock = await mockServer.startMockServer();
  t.after(() => mock.stop());
  const { result } = await open(t, `${await served(t, folder)}#${mock.url}`);
  assert.equal(result, "ok");
});
