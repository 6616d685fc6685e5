// Calls leave nothing behind in the memory of the WebAssembly.
import assert from "node:assert/strict";
import { test } from "node:test";

import { at, fakeService } from "./fake-service.mjs";
import { freshPackage } from "./fresh-package.mjs";

/** A client of a copy of the package, and the memory of its WebAssembly. */
async function clientWithMemory(t) {
  const { instantiate } = WebAssembly;
  t.after(() => (WebAssembly.instantiate = instantiate));
  let memory;
  WebAssembly.instantiate = async (...args) => {
    const instantiated = await instantiate(...args);
    const { exports } = instantiated.instance ?? instantiated;
    memory = Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
    return instantiated;
  };
  const { UserServiceClient } = await (await freshPackage(t)).load();
  const client = await UserServiceClient.create({ ...at, storage: "memory", fetch: fakeService() });
  await client.register();
  return { client, pages: () => memory.buffer.byteLength / 65_536 };
}

/** Enough calls to fill several pages of 64 KiB if each left a hundred bytes behind. */
const CALLS = 3_000;

for (const [name, call] of [
  ["a call", (client) => client.profile()],
  ["a call with a signal", (client) => client.profile({ signal: new AbortController().signal })],
  ["a refresh", (client) => client.refresh()],
  ["a fetch", (client) => client.fetch("https://user.test/v1/Management/users")],
]) {
  test(`${name} leaves nothing behind in the memory`, async (t) => {
    const { client, pages } = await clientWithMemory(t);
    for (let done = 0; done < 200; done++) await call(client);
    const before = pages();
    for (let done = 0; done < CALLS; done++) await call(client);
    assert.equal(pages(), before);
    client.dispose();
  });
}
