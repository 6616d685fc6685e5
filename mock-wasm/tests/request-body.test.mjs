// @ts-check
// The body of a request to the command in Node.
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { readBody } from "../npm/bin/request-body.js";

const HOUR = 3_600_000;
const patient = { bodyPause: HOUR, body: HOUR, maxDiscardedBytes: 10 };

/** A request with a body, whose connection can be destroyed. */
function request() {
  let isDestroyed = false;
  const stream = new PassThrough();
  const socket = { destroy: () => void (isDestroyed = true) };
  const incoming = Object.assign(stream, { headers: { "transfer-encoding": "chunked" }, socket, complete: false });
  stream.once("end", () => void (incoming.complete = true));
  return { stream, incoming: /** @type {import("node:http").IncomingMessage} */ (/** @type {unknown} */ (incoming)), isDestroyed: () => isDestroyed };
}

/** Ends a body, whose timers would keep this process alive. @param {PassThrough} stream @param {Promise<void>} end */
async function over(stream, end) {
  stream.destroy();
  await end;
}

test("a body is read whole from its pieces, and the client hears that it may send it", async () => {
  const { stream, incoming } = request();
  let [begun, pieces] = [0, ["one ", "two"]];
  const body = readBody(incoming, patient, () => void (begun += 1));
  const read = body.read(7);
  for (const piece of pieces) stream.write(piece);
  stream.end();
  assert.equal(String(await read), "one two");
  await body.end;
  assert.equal(begun, 1);
  assert.equal(body.breakOff(), false);
});

test("a request without a body has an empty one, which nobody waits for", async () => {
  const { incoming } = request();
  incoming.headers = { "content-length": "0" };
  const body = readBody(incoming, patient, () => assert.fail("the client sends nothing"));
  assert.deepEqual(await body.read(0), new Uint8Array());
});

test("a body that is too large is known at once, and its rest is discarded up to a bound", async () => {
  for (const maxBytes of [0, 3]) {
    const { stream, incoming, isDestroyed } = request();
    const body = readBody(incoming, patient, () => {});
    const read = body.read(maxBytes);
    stream.write("four");
    assert.equal(await read, "too-large");
    assert.equal(isDestroyed(), false);
    stream.write("0123456789");
    stream.end();
    await body.end;
    assert.equal(isDestroyed(), true, `more than ${maxBytes} and 10 bytes`);
  }
});

test("a body of which nothing arrives for too long, or that takes too long in all, is too slow", async () => {
  const silent = request();
  assert.equal(await readBody(silent.incoming, { ...patient, bodyPause: 1 }, () => {}).read(9), "too-slow");
  assert.equal(silent.isDestroyed(), false, "the client gets an answer");

  const dripping = request();
  const drops = setInterval(() => dripping.stream.write("x"), 1);
  assert.equal(await readBody(dripping.incoming, { ...patient, body: 20 }, () => {}).read(1 << 20), "too-slow");
  clearInterval(drops);
});

test("the rest of a body that is too large is not waited for without a limit", async () => {
  const { incoming, isDestroyed } = request();
  const body = readBody(incoming, { ...patient, bodyPause: 1 }, () => {});
  assert.equal(await body.read(0), "too-large");
  await body.end;
  assert.equal(isDestroyed(), true);
});

test("a body breaks off when its connection ends, and when it is not valid HTTP, before it is read too", async () => {
  const gone = request();
  const ended = readBody(gone.incoming, patient, () => {});
  const read = ended.read(9);
  await over(gone.stream, ended.end);
  assert.equal(await read, "broken-off");

  const invalid = request();
  const body = readBody(invalid.incoming, patient, () => {});
  const begun = body.read(9);
  assert.equal(body.breakOff(), true);
  assert.equal(await begun, "broken-off");

  const early = readBody(request().incoming, patient, () => {});
  assert.equal(early.breakOff(), true);
  assert.equal(await early.read(9), "broken-off");
  await early.end;
});
