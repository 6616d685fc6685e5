// Where the WebAssembly is loaded from. Each test has a copy of the package without the file that is loaded by default.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";

import { at, fakeService } from "./fake-service.mjs";
import { freshPackage } from "./fresh-package.mjs";

const file = new URL("../npm/wasm/client_bg.wasm", import.meta.url);
const bytes = readFileSync(file);
const options = { ...at, storage: "memory" };

/** The package without its WebAssembly. */
async function withoutWasm(t) {
  const { load } = await freshPackage(t, { without: ["client_bg.wasm"] });
  return load();
}

/** Asserts that the package works. */
async function assertWorks({ UserServiceClient }, more) {
  const client = await UserServiceClient.create({ ...options, fetch: fakeService(), ...more });
  await client.register();
  assert.equal(client.session.accessToken, "jwt-1");
}

const isNetworkError = (error) => error.name === "UserServiceError" && error.code === "network" && error.cause !== undefined;

/** A server of the file; `requests` lists the paths that were requested. The content type is sent for /typed, and /missing is a 404. */
async function serve(t) {
  const requests = [];
  const server = createServer(({ url }, response) => {
    requests.push(url);
    const headers = url === "/typed" ? { "Content-Type": "application/wasm" } : {};
    response.writeHead(url === "/missing" ? 404 : 200, headers).end(url === "/missing" ? "not found" : bytes);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())));
  return { requests, origin: `http://127.0.0.1:${server.address().port}` };
}

const typed = () => new Response(bytes, { headers: { "Content-Type": "application/wasm" } });

/** Every kind of source. */
const SOURCES = {
  "a URL of a file": () => file,
  "the address of a file": () => file.href,
  "a URL of a server": ({ origin }) => new URL("/typed", origin),
  "an address whose server sends no content type": ({ origin }) => `${origin}/untyped`,
  "a response with a content type": typed,
  "a response without a content type": () => new Response(bytes),
  "a promise of a response": async () => typed(),
  "a list of bytes": () => new Uint8Array(bytes),
  "a buffer": () => new Uint8Array(bytes).buffer,
  "a compiled module": () => new WebAssembly.Module(bytes),
};

for (const [name, source] of Object.entries(SOURCES)) {
  test(`the WebAssembly is loaded from ${name}, by the option and by setWasm, given directly or by a function`, async (t) => {
    const server = await serve(t);
    const isPromise = source(server) instanceof Promise;
    const given = isPromise ? [() => source(server)] : [source(server), () => source(server), async () => source(server)];
    for (const [index, wasm] of given.entries()) {
      const byOption = await withoutWasm(t);
      // A response can be read only once.
      await assertWorks(byOption, { wasm: index === 0 && !isPromise ? source(server) : wasm });
      const bySetting = await withoutWasm(t);
      bySetting.setWasm(wasm);
      await assertWorks(bySetting);
    }
  });
}

test("an address without an origin is relative to the page", async (t) => {
  const { origin, requests } = await serve(t);
  globalThis.location = new URL("/app/", origin);
  t.after(() => delete globalThis.location);
  await assertWorks(await withoutWasm(t), { wasm: "assets/client.wasm" });
  assert.deepEqual(requests, ["/app/assets/client.wasm"]);
});

test("a call without a client loads the WebAssembly from the option as well", async (t) => {
  const { register } = await withoutWasm(t);
  const session = await register({ ...at, fetch: fakeService(), wasm: new Uint8Array(bytes) });
  assert.equal(session.accessToken, "jwt-1");
});

test("a source that fails rejects with `network`, and the next attempt works", async (t) => {
  const { origin } = await serve(t);
  const failing = [
    `${origin}/missing`,
    new URL("missing.wasm", file),
    "http://[",
    new Response("not found", { status: 404, headers: { "Content-Type": "application/wasm" } }),
    new Uint8Array([1, 2, 3]),
    () => Promise.reject(new Error("offline")),
    () => {
      throw new Error("offline");
    },
    () => undefined,
    7,
  ];
  for (const wasm of failing) {
    const { UserServiceClient, register, setWasm } = await withoutWasm(t);
    await assert.rejects(UserServiceClient.create({ ...options, wasm }), isNetworkError, String(wasm));
    await assert.rejects(register({ ...at, wasm }), isNetworkError, String(wasm));
    setWasm(file);
    await assertWorks({ UserServiceClient });
  }
});

test("without a source, the bytes inside JavaScript replace a file that is missing", async (t) => {
  await assertWorks(await withoutWasm(t));
});

test("if neither the file nor the bytes inside JavaScript can be loaded, create rejects with `network` and names the option", async (t) => {
  const { load } = await freshPackage(t, { without: ["client_bg.wasm", "bytes.js"] });
  const { UserServiceClient } = await load();
  await assert.rejects(UserServiceClient.create(options), (error) => /option `wasm`/.test(error.message) && isNetworkError(error));
});

test("a source is asked when the first client is created, once for all clients, and a later source changes nothing", async (t) => {
  const { UserServiceClient, setWasm } = await withoutWasm(t);
  let asked = 0;
  setWasm(() => ((asked += 1), file));
  assert.equal(asked, 0);
  await Promise.all([assertWorks({ UserServiceClient }), assertWorks({ UserServiceClient })]);
  setWasm("http://[");
  await assertWorks({ UserServiceClient }, { wasm: new Uint8Array([1]) });
  assert.equal(asked, 1);
});

test("the entry `inline` works without any file and without any request", async (t) => {
  const { folder, load } = await freshPackage(t, { without: ["client_bg.wasm"] });
  const inline = await load("inline.js");
  await rm(folder, { recursive: true });
  const { fetch } = globalThis;
  const { getBuiltinModule } = process;
  t.after(() => Object.assign(globalThis, { fetch }) && Object.assign(process, { getBuiltinModule }));
  const refuse = () => assert.fail("the entry must not load anything");
  globalThis.fetch = refuse;
  process.getBuiltinModule = refuse;
  await assertWorks(inline);
});

test("the entry `inline` exports everything that the main entry exports", async (t) => {
  const { load } = await freshPackage(t);
  const [main, inline] = [await load("index.js"), await load("inline.js")];
  assert.deepEqual({ ...inline }, { ...main });
});

test("if the part of the client with the rare calls cannot be loaded, they reject with `network` and the others work", async (t) => {
  const { load } = await freshPackage(t, { without: ["on-demand.js"] });
  const { UserServiceClient } = await load();
  const client = await UserServiceClient.create({ ...options, fetch: fakeService() });
  await client.register();
  await assert.rejects(client.userExists({ clientId: "c" }), isNetworkError);
  assert.equal((await client.profile()).deviceToken, "device");
});
