// The packed package, installed in clean folders. Nothing is downloaded: the bundlers come from the lock file of the repository.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import * as vite from "vite";
import webpack from "webpack";
import { launchBrowser } from "../browser/chromium.mjs";
import { listen } from "../browser/listen.mjs";
import { installPackage } from "./install.mjs";
import { testing } from "./shipped.mjs";

const run = promisify(execFile);
const app = fileURLToPath(new URL("app.mjs", import.meta.url));
const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const show = 'import { run } from "./app.mjs"; document.title = await run();';
const page = (script) => `<!doctype html><title>running</title>${script}`;

let browser;

before(async () => {
  browser = await launchBrowser();
});

after(() => browser?.close());

/** Creates the folder of an app with the packed package; removes it after the test. */
async function install(t, files = {}) {
  const folder = await mkdtemp(join(tmpdir(), "telematics-app-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await installPackage(folder);
  await cp(app, join(folder, "app.mjs"));
  await writeFile(join(folder, "package.json"), '{ "type": "module", "private": true }');
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

/** Serves a folder. `wrong` replaces content types, as a badly configured server does. */
async function serve(t, folder, wrong = {}) {
  const server = createServer(async ({ url }, response) => {
    const path = url === "/" ? "/index.html" : url.split("?")[0];
    try {
      const bytes = await readFile(join(folder, path));
      response.setHeader("Content-Type", { ...types, ...wrong }[extname(path)] ?? "text/plain").end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  const { url, close } = await listen(server);
  t.after(close);
  return `${url}/`;
}

/** The result of the page at an address: its title, and the errors that it did not catch. */
async function outcome(t, url, prepare = async () => {}) {
  const tab = await browser.newPage();
  t.after(() => tab.close());
  const errors = [];
  tab.on("pageerror", (error) => errors.push(error.message));
  await prepare(tab);
  await tab.goto(url);
  await tab.waitForFunction("document.title !== 'running'", undefined, { timeout: 20_000 }).catch(() => {});
  return [await tab.title(), ...errors].join("\n");
}

// The configuration that the README gives.
const viteConfig = (folder) => ({
  root: folder,
  configFile: false,
  logLevel: "error",
  optimizeDeps: { exclude: ["telematics-user-client"] },
  build: { target: "es2022" },
});

const vitePage = { "index.html": page('<script type="module" src="/main.js"></script>'), "main.js": show };

test("the package works in a page built by Vite", async (t) => {
  const folder = await install(t, vitePage);
  await vite.build(viteConfig(folder));
  assert.equal(await outcome(t, await serve(t, join(folder, "dist"))), "works");
});

test("the package works under Vite in development", async (t) => {
  const folder = await install(t, vitePage);
  const server = await vite.createServer({ ...viteConfig(folder), server: { host: "127.0.0.1", port: 0 } });
  t.after(() => server.close());
  await server.listen();
  const { port } = server.httpServer.address();
  assert.equal(await outcome(t, `http://127.0.0.1:${port}/`), "works");
});

test("the package works in a page built by webpack", async (t) => {
  const folder = await install(t, { "main.js": show });
  const stats = await promisify(webpack)({
    mode: "production",
    context: folder,
    entry: "./main.js",
    output: { path: join(folder, "dist") },
  });
  assert.equal(stats.hasErrors(), false, stats.toString());
  await writeFile(join(folder, "dist/index.html"), page('<script defer src="main.js"></script>'));
  assert.equal(await outcome(t, await serve(t, join(folder, "dist"))), "works");
});

const importMap = '<script type="importmap">{"imports":{"telematics-user-client":"./node_modules/telematics-user-client/index.js"}}</script>';
const plain = { "index.html": page(`${importMap}<script type="module">${show}</script>`) };

test("the package works in a plain page, also if the server sends a wrong type for the module", async (t) => {
  const folder = await install(t, plain);
  assert.equal(await outcome(t, await serve(t, folder)), "works");
  assert.equal(await outcome(t, await serve(t, folder, { ".wasm": "text/plain" })), "works");
});

test("a module that could not be loaded is loaded at the next attempt", async (t) => {
  const again = 'import { run } from "./app.mjs"; const first = await run(); document.title = first.includes("could not be loaded") ? await run() : first;';
  const folder = await install(t, { "index.html": page(`${importMap}<script type="module">${again}</script>`) });
  let failed = false;
  const title = await outcome(t, await serve(t, folder), (tab) =>
    tab.route("**/*.wasm", (route) => {
      if (failed) return route.continue();
      failed = true;
      return route.abort();
    }),
  );
  assert.ok(failed);
  assert.equal(title, "works");
});

test("a page controls the mock server with the entry `testing/page`", async (t) => {
  const script = `import { connectMockServer } from "telematics-user-client/testing/page";
    document.title = await connectMockServer(location.hash.slice(1)).health().then(({ status }) => status, String);`;
  const folder = await install(t, { "index.html": page('<script type="module" src="/main.js"></script>'), "main.js": script });
  await vite.build(viteConfig(folder));
  const mock = await testing.startMockServer();
  t.after(() => mock.stop());
  assert.equal(await outcome(t, `${await serve(t, join(folder, "dist"))}#${mock.url}`), "ok");
});

test("the package works in a web worker", async (t) => {
  const folder = await install(t, {
    "index.html": page('<script type="module">new Worker("worker.js", { type: "module" }).onmessage = ({ data }) => { document.title = data; };</script>'),
    "worker.js": 'import { run } from "./app.mjs"; postMessage(await run());',
  });
  // Workers do not support import maps.
  const text = await readFile(join(folder, "app.mjs"), "utf8");
  await writeFile(join(folder, "app.mjs"), text.replace('"telematics-user-client"', '"./node_modules/telematics-user-client/index.js"'));
  assert.equal(await outcome(t, await serve(t, folder)), "works");
});

test("the package works in Node, and importing it has no side effect", async (t) => {
  const folder = await install(t, {
    "main.js": 'import { run } from "./app.mjs"; console.log(await run());',
    "idle.js": 'const before = Object.keys(globalThis).join(); await import("telematics-user-client"); console.log(Object.keys(globalThis).join() === before);',
  });
  assert.equal((await run(process.execPath, ["main.js"], { cwd: folder })).stdout, "works\n");
  assert.equal((await run(process.execPath, ["idle.js"], { cwd: folder })).stdout, "true\n");
});

test("the package contains licences, types and documentation, and no path of this machine", async (t) => {
  const folder = join(await install(t), "node_modules/telematics-user-client");
  const files = await readdir(folder, { recursive: true });
  for (const name of ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "cookies.d.ts", "cookies.js", "index.d.ts", "index.js", "testing.d.ts", "testing.js", "testing/page.d.ts", "testing/page.js"]) assert.ok(files.includes(name), name);
  const module = await readFile(join(folder, "wasm/client_bg.wasm"), "latin1");
  assert.doesNotMatch(module, /\/home\/|\/root\/|\/Users\/|\.cargo|registry\/src/);
});
