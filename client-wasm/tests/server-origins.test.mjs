// The entry `server`: which pages may sign in.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ADDRESS, backEnd, statusOf } from "./back-end.mjs";

const FOREIGN = "https://foreign.example";
const LISTED = "https://listed.example";
const allowedOrigins = [LISTED];

/** The status of a request with these headers. */
const asked = (headers, options) => statusOf(backEnd(options).ask(headers));

test("Sec-Fetch-Site decides: only a page of the same origin may sign in", async () => {
  for (const [site, expected] of [["same-origin", 200], ["same-site", 403], ["cross-site", 403], ["none", 403], ["", 403], ["SAME-ORIGIN", 403]]) {
    for (const Origin of [new URL(ADDRESS).origin, FOREIGN, "null"]) {
      assert.equal(await asked({ "Sec-Fetch-Site": site, Origin }), expected, `${site} ${Origin}`);
    }
  }
});

test("without Sec-Fetch-Site the origin must have the host that the browser called", async () => {
  const cases = [
    ["https://app.example", undefined, 200],
    ["https://app.example", "app.example", 200],
    ["https://app.example", "APP.example:443", 200],
    // A proxy has ended TLS, and its address is not the one that the browser called.
    ["https://public.example", "public.example", 200],
    ["http://public.example:8080", "public.example:8080", 200],
    ["https://app.example", "internal:3000", 403],
    ["https://app.example:8443", "app.example", 403],
    ["https://app.example.foreign.example", undefined, 403],
    ["https://sub.app.example", undefined, 403],
    [FOREIGN, undefined, 403],
    ["null", undefined, 403],
    ["not an origin", undefined, 403],
    ["https://app.example", "not a host", 403],
  ];
  for (const [Origin, Host, expected] of cases) {
    assert.equal(await asked(Host ? { Origin, Host } : { Origin }), expected, `${Origin} at ${Host}`);
  }
});

test("a request without Origin and Sec-Fetch-Site is from a program and may sign in", async () => {
  assert.equal(await asked({}), 200);
});

test("a refused page costs no call of the app or of the service, and can read nothing", async () => {
  const calls = [];
  const { ask, sent } = backEnd({ allowedOrigins, deviceTokenOf: () => void calls.push("deviceTokenOf") });
  const answer = await ask({ Origin: FOREIGN, "Sec-Fetch-Site": "cross-site" });
  assert.deepEqual([answer.status, calls, sent], [403, [], []]);
  assert.equal([...answer.headers.keys()].some((name) => name.startsWith("access-control")), false);
});

test("a page of a listed origin may sign in and read every answer", async () => {
  const outcomes = [[200, {}], [401, { deviceTokenOf: () => null }], [429, { rateLimit: () => 5 }]];
  for (const headers of [{ Origin: LISTED }, { Origin: LISTED, "Sec-Fetch-Site": "cross-site" }, { Origin: LISTED, "Sec-Fetch-Site": "same-site" }]) {
    for (const [expected, options] of outcomes) {
      const answer = await backEnd({ allowedOrigins, ...options }).ask(headers);
      assert.equal(answer.status, expected);
      assert.equal(answer.headers.get("Access-Control-Allow-Origin"), LISTED);
      assert.equal(answer.headers.get("Access-Control-Allow-Credentials"), "true");
      assert.equal(answer.headers.get("Access-Control-Expose-Headers"), "Retry-After");
      assert.equal(answer.headers.get("Vary"), "Origin");
    }
  }
});

test("an app in a web view may be listed by the scheme of its own", async () => {
  const Origin = "capacitor://localhost";
  assert.equal(await asked({ Origin, "Sec-Fetch-Site": "cross-site" }, { allowedOrigins: [Origin] }), 200);
});

test("a preflight request is answered for a listed origin alone", async () => {
  const preflight = { method: "OPTIONS" };
  const headers = { "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,x-tab" };
  const { ask, sent } = backEnd({ allowedOrigins, deviceTokenOf: () => assert.fail("a preflight has no user") });
  const answer = await ask({ Origin: LISTED, "Sec-Fetch-Site": "cross-site", ...headers }, preflight);
  assert.deepEqual([answer.status, await answer.text(), sent], [204, "", []]);
  assert.equal(answer.headers.get("Access-Control-Allow-Origin"), LISTED);
  assert.equal(answer.headers.get("Access-Control-Allow-Credentials"), "true");
  assert.equal(answer.headers.get("Access-Control-Allow-Methods"), "POST");
  assert.equal(answer.headers.get("Access-Control-Allow-Headers"), "authorization,x-tab");

  const refused = await ask({ Origin: FOREIGN, ...headers }, preflight);
  assert.deepEqual([refused.status, refused.headers.get("Allow")], [405, "POST, OPTIONS"]);
  assert.equal(refused.headers.has("Access-Control-Allow-Origin"), false);
});
