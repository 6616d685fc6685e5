// @ts-check
// The origin between the browser and the mock server, without a browser.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { listen } from "./listen.mjs";
import { Origin } from "./origin.mjs";

test("a request that the origin cannot answer ends its connection, and the next one is answered", async (t) => {
  const service = await listen(
    createServer((_, response) => {
      response.writeHead(200, { "Content-Length": "10" }).write("half", () => response.destroy());
    }),
  );
  const origin = await Origin.start(service.url);
  t.after(() => Promise.all([origin.close(), service.close()]));
  for (const path of ["/moved/302/%", "/moved/none/%2F", "/v1/half-an-answer"]) {
    await assert.rejects(fetch(origin.url + path), TypeError, path);
  }
  assert.equal((await fetch(`${origin.url}/app`)).status, 200);
});
