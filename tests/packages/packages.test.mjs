// What is shipped, installed in clean folders: nothing is downloaded, the tools come from the lock file of the repository.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { chromium } from "playwright-core";
import * as vite from "vite";
import webpack from "webpack";

const run = promisify(execFile);
const tarballs = fileURLToPath(new URL("../../target/npm/", import.meta.url));
const app = fileURLToPath(new URL("app.mjs", import.meta.url));
const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const show = 'import { run } from "./app.mjs"; document.title = await run();';
const page = (script) => `<!doctype html><title>waits</title>${script}`;

let browser;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"],
  });
});

after(() => browser?.close());

/** A folder of an app with the packed package in it, gone after the test. */
async function install(t, files = {}) {
  const folder = await mkdtemp(join(tmpdir(), "telematics-app-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const target = join(folder, "node_modules/telematics-user-client");
  await mkdir(target, { recursive: true });
  const [tarball] = (await readdir(tarballs)).filter((name) => name.endsWith(".tgz"));
  assert.ok(tarball, "target/npm has no tarball: run `cargo xtask pack`");
  await run("tar", ["-xzf", join(tarballs, tarball), "-C", target, "--strip-components", "1"]);
  await cp(app, join(folder, "app.mjs"));
  await writeFile(join(folder, "package.json"), '{ "type": "module", "private": true }');
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

/** Serves a folder; `wrong` replaces types, as a badly set-up server does. */
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
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}/`;
}

/** What the page at that address has to say. */
async function outcome(t, url, prepare = async () => {}) {
  const tab = await browser.newPage();
  t.after(() => tab.close());
  const errors = [];
  tab.on("pageerror", (error) => errors.push(error.message));
  await prepare(tab);
  await tab.goto(url);
  await tab.waitForFunction("document.title !== 'waits'", undefined, { timeout: 20_000 }).catch(() => {});
  return [await tab.title(), ...errors].join("\n");
}

// As the README says it.
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

test("the package works in a plain page, also where the server gives the module a wrong type", async (t) => {
  const folder = await install(t, plain);
  assert.equal(await outcome(t, await serve(t, folder)), "works");
  assert.equal(await outcome(t, await serve(t, folder, { ".wasm": "text/plain" })), "works");
});

test("a module that could not be loaded is loaded at the next try", async (t) => {
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

test("the package works in a web worker", async (t) => {
  const folder = await install(t, {
    "index.html": page('<script type="module">new Worker("worker.js", { type: "module" }).onmessage = ({ data }) => { document.title = data; };</script>'),
    "worker.js": 'import { run } from "./app.mjs"; postMessage(await run());',
  });
  // Workers know no import maps.
  const text = await readFile(join(folder, "app.mjs"), "utf8");
  await writeFile(join(folder, "app.mjs"), text.replace('"telematics-user-client"', '"./node_modules/telematics-user-client/index.js"'));
  assert.equal(await outcome(t, await serve(t, folder)), "works");
});

test("the package works in Node, and importing it does nothing", async (t) => {
  const folder = await install(t, {
    "main.js": 'import { run } from "./app.mjs"; console.log(await run());',
    "idle.js": 'const before = Object.keys(globalThis).join(); await import("telematics-user-client"); console.log(Object.keys(globalThis).join() === before);',
  });
  assert.equal((await run(process.execPath, ["main.js"], { cwd: folder })).stdout, "works\n");
  assert.equal((await run(process.execPath, ["idle.js"], { cwd: folder })).stdout, "true\n");
});

test("what is shipped is what it says: licences, types and documentation, and nothing of this machine", async (t) => {
  const folder = join(await install(t), "node_modules/telematics-user-client");
  const files = await readdir(folder);
  for (const name of ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "index.d.ts", "index.js"]) assert.ok(files.includes(name), name);
  const module = await readFile(join(folder, "wasm/client_bg.wasm"), "latin1");
  assert.doesNotMatch(module, /\/home\/|\/root\/|\/Users\/|\.cargo|registry\/src/);
});
