// @ts-check
// How pages without a bundler load the WebAssembly.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { install, page, serve, show, withBrowser } from "./clean-app.mjs";

const open = withBrowser();
const shipped = "/node_modules/telematics-user-client";
const ownFile = `${shipped}/wasm/client_bg.wasm`;
const inJavaScript = `${shipped}/bytes.js`;

const importMap = JSON.stringify({
  imports: { "telematics-user-client": `${shipped}/index.js`, "telematics-user-client/inline": `${shipped}/inline.js` },
});
const html = page(`<script type="importmap">${importMap}</script><script type="module" src="main.js"></script>`);

/** A page with an import map. @param {string} script */
const plain = (script) => ({ "index.html": html, "main.js": script });

test("a plain page loads the WebAssembly from its own file, also if the server sends a wrong type for it", async (t) => {
  const folder = await install(t, plain(show()));
  for (const type of ["application/wasm", "text/plain"]) {
    const { result, loaded } = await open(t, await serve(t, folder, { wrongTypes: { ".wasm": type } }));
    assert.equal(result, "works");
    assert.ok(loaded.includes(ownFile));
    assert.ok(!loaded.includes(inJavaScript));
  }
});

/** @typedef {import("playwright-core").Route} Route */
/** @type {Record<string, (route: Route) => Promise<void>>} */
const failures = {
  "the server does not have": (route) => route.fulfill({ status: 404 }),
  "the server answers with a page": (route) => route.fulfill({ contentType: "text/html", body: html }),
  "the server answers with other bytes": (route) => route.fulfill({ contentType: "application/wasm", body: "other" }),
  "the page may not request": (route) => route.abort(),
};

for (const [kind, fail] of Object.entries(failures)) {
  test(`a file that ${kind} is replaced by the bytes in JavaScript`, async (t) => {
    const folder = await install(t, plain(show()));
    const { result, loaded } = await open(t, await serve(t, folder), (tab) => tab.route("**/*.wasm", fail));
    assert.equal(result, "works");
    assert.ok(loaded.includes(inJavaScript));
  });
}

// `code` is that of the first attempt, `then` the result of the second.
const twice = (options = "{}") => `import * as entry from "telematics-user-client";
import { run } from "./app.mjs";
const { code, message } = await entry.UserServiceClient.create({ baseUrl: "https://user.test", ...${options} }).catch((error) => error);
document.title = JSON.stringify({ code, message, then: await run(entry, ${options}) });`;
const failed = {
  code: "network",
  message: "The WebAssembly of the client could not be loaded. Set the option `wasm`, or import telematics-user-client/inline.",
};

test("a module that could not be loaded is loaded at the next attempt", async (t) => {
  const folder = await install(t, plain(twice()));
  let attempts = 0;
  const { result } = await open(t, await serve(t, folder), async (tab) => {
    await tab.route(`**${inJavaScript}`, (route) => route.abort());
    await tab.route("**/*.wasm", (route) => (++attempts === 1 ? route.abort() : route.continue()));
  });
  assert.deepEqual(JSON.parse(result), { ...failed, then: "works" });
});

test("a module that the app itself names is not replaced by another", async (t) => {
  const folder = await install(t, plain(twice('{ wasm: "absent.wasm" }')));
  const { result, loaded } = await open(t, await serve(t, folder));
  const { then, ...first } = JSON.parse(result);
  assert.deepEqual(first, failed);
  assert.match(then, /could not be loaded/);
  assert.ok(!loaded.includes(inJavaScript));
});

const hash = createHash("sha256").update(importMap).digest("base64");
/** @param {string} further */
const policy = (further) => ({
  "Content-Security-Policy": `default-src 'none'; script-src 'self' 'sha256-${hash}' ${further}; connect-src 'self'`,
});

test("a page with a strict Content Security Policy needs only `wasm-unsafe-eval`", async (t) => {
  for (const entry of ["telematics-user-client", "telematics-user-client/inline"]) {
    const folder = await install(t, plain(show(entry)));
    const { result, loaded } = await open(t, await serve(t, folder, { headers: policy("'wasm-unsafe-eval'") }));
    assert.equal(result, "works");
    assert.equal(loaded.includes(ownFile), entry === "telematics-user-client");
  }
  const folder = await install(t, plain(show()));
  const { result } = await open(t, await serve(t, folder, { headers: policy("") }));
  assert.match(result, /could not be loaded/);
});

test("a page with a strict Content Security Policy may load the WebAssembly from JavaScript", async (t) => {
  const folder = await install(t, plain(show()));
  const address = await serve(t, folder, { headers: policy("'wasm-unsafe-eval'") });
  const { result, loaded } = await open(t, address, (tab) => tab.route("**/*.wasm", (route) => route.fulfill({ status: 404 })));
  assert.equal(result, "works");
  assert.ok(loaded.includes(inJavaScript));
});

test("the package works in a web worker", async (t) => {
  // Workers have no import map.
  const folder = await install(t, {
    "index.html": page('<script type="module">new Worker("worker.js", { type: "module" }).onmessage = ({ data }) => { document.title = data; };</script>'),
    "worker.js": `import * as entry from "${shipped}/index.js"; import { run } from "./app.mjs"; postMessage(await run(entry));`,
  });
  const { result } = await open(t, await serve(t, folder));
  assert.equal(result, "works");
});
