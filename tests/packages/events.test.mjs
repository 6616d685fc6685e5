// @ts-check
// The stream of events of the control API, over both transports: `node:http` in Node and `fetch` in a page.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { listen } from "../browser/listen.mjs";
import { mockPage, mockServer } from "./shipped.mjs";
import { newUser, withInstances } from "./with-instances.mjs";

const test = withInstances();
const transports = { "node:http": mockServer.connectMockServer, fetch: mockPage.connectMockServer };

for (const [transport, connect] of Object.entries(transports)) {
  test(`events arrive from when the stream is open until the loop ends, over ${transport}`, async ({ server, yours }) => {
    const mine = await connect(server.url).createInstance();
    const events = mine.events();
    await events.opened;
    await newUser(yours);
    const { deviceToken } = await newUser(mine);
    await mine.clock.freeze();
    const received = [];
    for await (const event of events) {
      received.push(event);
      if (event.type === "clock") break;
    }
    assert.deepEqual(received.map(({ type }) => type), ["token", "request", "clock"]);
    const [token, request] = received;
    assert.ok(token?.type === "token" && request?.type === "request");
    assert.equal(token.data.deviceToken, deviceToken);
    assert.deepEqual([request.data.path, request.data.status], ["/v1/Registration/Create", 200]);
    assert.deepEqual(await events.next(), { done: true, value: undefined });
  });

  test(`no event arrives after the stream is closed, even if it came in the same chunk as an earlier event, over ${transport}`, async ({ t }) => {
    const event = 'event: message\ndata: { "to": "ada@example.com" }\n\n';
    const { url, close } = await listen(createServer((_, response) => void response.write(event + event)));
    t.after(close);
    const left = connect(url).events();
    for await (const { type } of left) {
      assert.equal(type, "message");
      break;
    }
    assert.deepEqual(await left.next(), { done: true, value: undefined });
    const closed = connect(url).events();
    assert.equal((await closed.next()).done, false);
    await closed.return();
    assert.deepEqual(await closed.next(), { done: true, value: undefined });
  });

  test(`closing the stream ends the wait for an event, over ${transport}`, async ({ server }) => {
    const events = connect(server.url).events();
    const waiting = events.next();
    await events.opened;
    await events[Symbol.asyncDispose]();
    assert.deepEqual(await waiting, { done: true, value: undefined });
  });

  test(`a stream that the server refuses rejects with the server's sentence, over ${transport}`, async ({ t }) => {
    const other = await mockServer.startMockServer({ env: { TELEMATICS_MOCK_CONTROL_TOKEN: "token" } });
    t.after(() => other.stop());
    const events = connect(other.url).events();
    const error = { name: "MockServerError", status: 401, message: /^GET \/__mock\/events failed with status 401: .*control token/ };
    await assert.rejects(events.opened, error);
    await assert.rejects(events.next(), error);
  });

  test(`a stream to a server that is gone rejects with the reason, over ${transport}`, async () => {
    const other = await mockServer.startMockServer();
    await other.stop();
    await assert.rejects(connect(other.url).events().opened, { name: "MockServerError", message: /^GET \/__mock\/events: the mock server at http\S+ does not answer: / });
  });
}

test("stopping the server ends the wait for an event before the server ends", async () => {
  const server = await mockServer.startMockServer();
  const events = server.events();
  await events.opened;
  /** @type {string[]} */
  const ended = [];
  // A stream that is still open when the server ends breaks off, and `next` rejects.
  const waiting = events.next().then(({ done }) => ended.push(done ? "the wait" : "an event"));
  const stopping = server.stop().then(() => ended.push("the server"));
  await Promise.all([waiting, stopping]);
  assert.deepEqual(ended, ["the wait", "the server"]);
});
