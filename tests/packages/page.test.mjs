// @ts-check
// The control client for pages, which sends with `fetch`. Node has `fetch` too, so it is tested here.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connectMockServer, MockServerError } from "../../client-wasm/npm/testing/page.js";
import { listen } from "../browser/listen.mjs";
import { testing } from "./shipped.mjs";
import { newUser, statusOf, withInstances } from "./with-instances.mjs";

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
    assert.match(error.message, /^POST \/__mock\/clock failed with status 400: advance: 'soon' is /);
    assert.match(String(error.reason), /^advance: 'soon' is /);
    assert.deepEqual([error.status, error.field], [400, "advance"]);
    return true;
  });
});

test("a page sends the control token", async ({ t }) => {
  const server = await testing.startMockServer({ env: { TELEMATICS_MOCK_CONTROL_TOKEN: "token" } });
  t.after(() => server.stop());
  await assert.rejects(connectMockServer(server.url).settings(), { status: 401 });
  assert.ok(await connectMockServer(server.url, { controlToken: "token" }).settings());
});

for (const [kind, body] of Object.entries({ "a web page": "<!doctype html>", "other JSON": '{"status":"up","version":"1.0.0"}' })) {
  test(`a server that answers with ${kind} is not taken for a mock server`, async ({ t }) => {
    const { url, close } = await listen(createServer((_, response) => response.end(body)));
    t.after(close);
    await assert.rejects(connectMockServer(url).health(), /^MockServerError: The server at http\S+ is not a mock server: /);
  });
}
