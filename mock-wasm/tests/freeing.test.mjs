// @ts-check
// What ends with a mock, and its memory.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

/** The instance of the WebAssembly, which the package does not show. @type {WebAssembly.Instance | undefined} */
let engine;
const { instantiate } = WebAssembly;
Object.assign(WebAssembly, {
  /** @param {BufferSource} bytes @param {WebAssembly.Imports} imports */
  async instantiate(bytes, imports) {
    const made = await instantiate(bytes, imports);
    engine = made.instance;
    return made;
  },
});
const { MockServerError, createMock } = await import("../npm/index.js");

/** The size of the memory in pages of 64 KiB. */
const pages = () => /** @type {WebAssembly.Memory} */ (engine?.exports.memory).buffer.byteLength / 65_536;

/** Uses a mock with 5 000 users, and leaves requests under way. */
async function round() {
  const mock = await createMock({ users: [{ count: 5000, accessToken: "valid" }] });
  const events = mock.events();
  await events.opened;
  await mock.restore(await mock.snapshot());
  for (let request = 0; request < 50; request += 1) await (await mock.fetch("/v1/Management/users")).text();
  await mock.faults.add({ match: { path: "/held" }, then: { hold: true } });
  const held = mock.fetch("/held");
  const next = events.next();
  mock.free();
  await Promise.allSettled([held, next]);
}

test("twenty mocks with 5 000 users, one after the other, need as much memory as the first one", async () => {
  await round();
  const first = pages();
  for (let number = 1; number < 20; number += 1) await round();
  assert.equal(pages(), first);
});

test("a freed mock refuses calls, and can be freed again", async () => {
  const mock = await createMock();
  mock.free();
  mock.free();
  await assert.rejects(mock.fetch("/a"), MockServerError);
  await assert.rejects(mock.clock.read(), MockServerError);
  assert.equal(mock.revision, 0);
});

test("a block with `using` frees the mock at its end", async () => {
  const mock = await createMock();
  mock[Symbol.dispose ?? Symbol.for("nodejs.dispose")]();
  await assert.rejects(mock.health(), MockServerError);
});

test("freeing ends held requests, barriers and streams of events", async () => {
  const mock = await createMock();
  const events = mock.events();
  await events.opened;
  await mock.faults.add({ match: { path: "/a" }, then: { hold: true } });
  await mock.barriers.add({ match: { path: "/b" }, parties: 2 });
  const pending = [mock.fetch("/a"), mock.fetch("/b"), mock.waitForRequest({ path: "/c" })];
  for await (const { type } of events) if (type === "fault") break;
  const others = mock.events();
  await others.opened;
  mock.free();
  await Promise.allSettled(pending);
  assert.deepEqual(await others.next(), { done: true, value: undefined });
});

test("a body that arrives while the mock is freed ends", async () => {
  const mock = await createMock();
  const { body } = await mock.fetch("/__mock/events");
  const reader = /** @type {ReadableStream<Uint8Array>} */ (body).getReader();
  mock.free();
  let read = await reader.read();
  while (!read.done) read = await reader.read();
});

test("a mock that is not freed keeps no process alive", async () => {
  const program = `
    import { createMock } from ${JSON.stringify(new URL("../npm/index.js", import.meta.url).href)};
    const mock = await createMock();
    await mock.events().opened;
    console.log((await mock.health()).status);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  assert.equal(stdout, "ok\n");
});

test("freeing rejects a request that a fault delays, and its timer ends", async () => {
  const mock = await createMock();
  await mock.faults.add({ then: { delayMs: 600_000 } });
  const delayed = mock.fetch("/v1/Management/users");
  mock.free();
  await assert.rejects(delayed, { name: "MockServerError", message: "The mock was freed." });
});

test("freeing breaks off a body that a fault slows down", async () => {
  const mock = await createMock();
  await mock.faults.add({ then: { dribbleMs: 600_000 } });
  const response = await mock.fetch("/v1/Management/users");
  mock.free();
  await assert.rejects(response.text(), { message: "The mock was freed." });
});
