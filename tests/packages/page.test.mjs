// @ts-check
// The control client for pages, which sends with `fetch`. Node has `fetch` too, so it is tested here.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { listen } from "../browser/listen.mjs";
import { mockPage, mockServer } from "./shipped.mjs";
import { newUser, statusOf, withInstances } from "./with-instances.mjs";

const { connectMockServer, MockServerError } = mockPage;
const test = withInstances();

test("a page controls the server over fetch", async ({ server }) => {
  const mine = await connectMockServer(server.url).createInstance({ name: "Page" });
  const user = await newUser(mine);
  assert.equal((await mine.clock.advance("P6D")).expired.accessTokens, 1);
  assert.equal(await statusOf(mine, user.accessToken), 401);
  assert.equal(await mine.verify({ path: "/v1/Registration/Create" }, { exactly: 1 }), 1);
  await mine.restore(await mine.snapshot());
  await mine.reset();
  assert.deepEqual(await mine.requests(), []);
});

test("a refused call rejects with the server's sentence, its status and the field", async ({ server }) => {
  await assert.rejects(connectMockServer(server.url).clock.advance("soon"), (error) => {
    assert.ok(error instanceof MockServerError);
    const reason = "advance: 'soon' is not a valid duration; write it like 2s, 15m, 5d or P1DT2H";
    assert.equal(error.message, `POST /__mock/clock failed with status 400: ${reason}`);
    assert.equal(error.reason, reason);
    assert.deepEqual([error.status, error.field], [400, "advance"]);
    return true;
  });
});

test("a page sends the control token", async ({ t }) => {
  const server = await mockServer.startMockServer({ env: { TELEMATICS_MOCK_CONTROL_TOKEN: "token" } });
  t.after(() => server.stop());
  await assert.rejects(connectMockServer(server.url).settings(), { status: 401 });
  assert.ok(await connectMockServer(server.url, { controlToken: "token" }).settings());
});

const otherServers = {
  "a web page": "<!doctype html>",
  "another object": '{"status":"up","version":"1.0.0"}',
  "null": "null",
  "a number": "7",
};

for (const [kind, body] of Object.entries(otherServers)) {
  test(`a server that answers with ${kind} is not taken for a mock server`, async ({ t }) => {
    const { url, close } = await listen(createServer((_, response) => response.end(body)));
    t.after(close);
    const sentence = /^MockServerError: The server at http\S+ is not a mock server: /;
    const connection = connectMockServer(url);
    await assert.rejects(connection.health(), sentence);
    if (kind !== "another object") await assert.rejects(connection.verify({}, { exactly: 0 }), sentence);
  });
}
