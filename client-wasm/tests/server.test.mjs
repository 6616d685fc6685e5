// The entry `server`: what it asks of the user service, and what it answers to the page.
import assert from "node:assert/strict";
import { test } from "node:test";

import { createSignInHandler, createSignInMiddleware, UserServiceError } from "../npm/server.js";
import { failure } from "../npm/errors.js";
import { ADDRESS, backEnd, gate, required, statusOf } from "./back-end.mjs";
import { LIFETIME, at } from "./fake-service.mjs";

/** A response of the service with this status, without a result. */
const status = (code, headers) => (answer) => answer(code, undefined, headers);

test("a known user gets credentials from a login with the device token and the key", async () => {
  const { ask, sent, errors } = backEnd({ deviceTokenOf: async (request) => request.headers.get("Cookie") });
  const answer = await ask({ Cookie: "ada" });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("Content-Type"), "application/json");
  assert.deepEqual(await answer.json(), { deviceToken: "ada", accessToken: "jwt-1", expiresIn: LIFETIME, refreshToken: "refresh-1" });
  assert.equal(sent.length, 1);
  const [{ method, url, headers, redirect }] = sent;
  assert.deepEqual([method, url, redirect], ["POST", `${at.baseUrl}/v1/Auth/Login`, "manual"]);
  assert.deepEqual([headers.get("InstanceId"), headers.get("InstanceKey")], [at.instanceId, null]);
  assert.deepEqual(await sent[0].json(), { LoginFields: { Devicetoken: "ada" }, Password: at.instanceKey });
  assert.deepEqual(errors, []);
});

test("an answer of the service without a refresh token gives credentials without one", async () => {
  const Result = { AccessToken: { Token: "jwt", ExpiresIn: 60 }, RefreshToken: null };
  const { ask } = backEnd({}, { Login: (answer) => answer(200, Result) });
  assert.deepEqual(await (await ask()).json(), { deviceToken: "device", accessToken: "jwt", expiresIn: 60 });
});

test("without a known user the answer is 401 and the service is not called", async () => {
  for (const nobody of [null, undefined, ""]) {
    const { ask, sent, errors } = backEnd({ deviceTokenOf: () => nobody });
    assert.equal(await statusOf(ask()), 401);
    assert.deepEqual([sent, errors], [[], []]);
  }
});

test("a method other than POST is 405 and names POST", async () => {
  for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]) {
    const answer = await backEnd().ask({}, { method });
    assert.deepEqual([answer.status, answer.headers.get("Allow")], [405, "POST"]);
    assert.equal(answer.headers.get("Cache-Control"), "no-store");
  }
});

test("a user whom the service does not know is 401, after the service has accepted the key", async () => {
  for (const rejection of [401, 404, 419]) {
    const { ask, sent, errors } = backEnd({}, { Login: status(rejection), UserExists: (answer) => answer(200, { UserExists: false }) });
    assert.equal(await statusOf(ask()), 401);
    const probe = sent.at(-1);
    assert.deepEqual([sent.length, probe.method, probe.headers.get("InstanceKey")], [2, "GET", at.instanceKey]);
    assert.deepEqual(errors.map(({ code }) => code), ["not-found"]);
  }
});

test("a wrong instance key is 500 and signs nobody out", async () => {
  for (const rejection of [401, 403, 419]) {
    const { ask, errors } = backEnd({}, { Login: status(401), UserExists: status(rejection) });
    assert.equal(await statusOf(ask()), 500);
    assert.deepEqual(errors.map(({ code, message }) => [code, message]), [["unauthorized", "The service rejects instanceId and instanceKey."]]);
  }
});

test("a key that cannot be checked signs nobody out", async () => {
  for (const [failure, expected] of [[404, 502], [422, 500], [429, 429], [500, 502]]) {
    assert.equal(await statusOf(backEnd({}, { Login: status(401), UserExists: status(failure) }).ask()), expected);
  }
});

test("a failure of the service gets a status that keeps the session", async () => {
  const cases = [[302, 502], [400, 500], [403, 403], [413, 500], [422, 500], [429, 429], [500, 502], [502, 502], [503, 502]];
  for (const [failure, expected] of cases) {
    assert.equal(await statusOf(backEnd({}, { Login: status(failure) }).ask()), expected, `${failure}`);
    if (failure >= 400) {
      const hidden = (answer) => new Response(JSON.stringify({ Status: failure }), { status: 200 });
      assert.equal(await statusOf(backEnd({}, { Login: hidden }).ask()), expected, `${failure} under HTTP 200`);
    }
  }
});

test("an answer that is not understood is 502", async () => {
  const tokens = (AccessToken) => (answer) => answer(200, { DeviceToken: "device", AccessToken });
  const replies = [
    () => new Response("<html>"),
    () => new Response("null"),
    () => new Response('{"Result":{"AccessToken":{"Token":"jwt","ExpiresIn":60}}}'),
    (answer) => answer(200),
    (answer) => answer(200, null),
    tokens(null),
    tokens({ Token: "jwt" }),
    tokens({ ExpiresIn: 60 }),
  ];
  for (const Login of replies) {
    const { ask, errors } = backEnd({}, { Login });
    assert.equal(await statusOf(ask()), 502, String(Login));
    assert.equal(errors[0].code, "decode");
  }
});

test("a service that cannot be reached is 502, and one that does not answer in time is 504", async () => {
  const cause = new TypeError("fetch failed");
  const gone = backEnd({}, { Login: () => Promise.reject(cause) });
  assert.equal(await statusOf(gone.ask()), 502);
  assert.deepEqual([gone.errors[0].code, gone.errors[0].cause], ["network", cause]);

  // The timer of a time limit does not keep a process alive.
  const alive = setInterval(() => {}, 60_000);
  const slow = backEnd({ timeoutMs: 1 }, { Login: (_, signal) => rejectedBy(signal) });
  assert.equal(await statusOf(slow.ask()), 504);
  assert.equal(slow.errors[0].code, "timeout");
  clearInterval(alive);
});

/** A response that never arrives: `fetch` rejects when its signal aborts. */
const rejectedBy = (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("Retry-After of the service is passed on in seconds", async () => {
  const in90Seconds = new Date(Date.now() + 90_000).toUTCString();
  for (const [given, expected] of [["60", /^60$/], ["9007199254740991", /^86400$/], [in90Seconds, /^(8\d|90)$/], ["Thu, 01 Jan 1970 00:00:00 GMT", /^0$/]]) {
    const answer = await backEnd({}, { Login: status(429, { "Retry-After": given }) }).ask();
    assert.equal(answer.status, 429);
    assert.match(answer.headers.get("Retry-After"), expected);
  }
  for (const headers of [{}, { "Retry-After": "soon" }]) {
    const { ask, errors } = backEnd({}, { Login: status(429, headers) });
    assert.equal((await ask()).headers.has("Retry-After"), false);
    assert.equal(errors[0].retryAfterSeconds, undefined);
  }
});

test("rateLimit refuses a sign-in before the service is called", async () => {
  for (const [limit, retryAfter] of [[90, "90"], [0.2, "1"], [86_400, "86400"], [1e300, "86400"], [true, null]]) {
    const { ask, sent } = backEnd({ rateLimit: async () => limit });
    const answer = await ask();
    assert.deepEqual([answer.status, answer.headers.get("Retry-After"), sent.length], [429, retryAfter, 0], `${limit}`);
  }
  const attempts = [];
  for (const limit of [0, false, null, undefined]) {
    assert.equal(await statusOf(backEnd({ rateLimit: (attempt) => (attempts.push(attempt), limit) }).ask()), 200, `${limit}`);
  }
  const { request, ...user } = attempts[0];
  assert.deepEqual([request.url, user], [ADDRESS, { deviceToken: "device", accountId: null }]);
});

test("a result of rateLimit that is no limit is 500, reported, and costs no call of the service", async () => {
  for (const limit of [{ retryAfter: 5 }, NaN, Infinity, -1, "soon", "5", "", [5], 5n]) {
    const { ask, errors, sent } = backEnd({ rateLimit: async () => limit });
    assert.deepEqual([await statusOf(ask()), sent], [500, []], String(limit));
    assert.ok(errors[0] instanceof TypeError);
    assert.match(errors[0].message, /^rateLimit must return/);
  }
});

test("a function of the app that fails is 500, reported, and never answered to the page", async () => {
  const thrown = new Error("canary of the app");
  const fails = () => Promise.reject(thrown);
  for (const options of [{ deviceTokenOf: fails }, { rateLimit: fails }, { deviceTokenOf: () => null, newUserOf: fails, onRegister() {} }]) {
    const { ask, errors, sent } = backEnd(options);
    const answer = await ask();
    assert.deepEqual([answer.status, errors, sent], [500, [thrown], []]);
    assert.doesNotMatch(await answer.text(), /canary/);
  }
  const { ask, errors } = backEnd({ deviceTokenOf: () => 7 });
  assert.equal(await statusOf(ask()), 500);
  assert.match(errors[0].message, /^deviceTokenOf must return/);
});

test("an error of the client that a function of the app throws is 500 and reported, like any other of the app", async () => {
  for (const code of ["forbidden", "aborted", "rate-limited", "network"]) {
    const thrown = failure(code, "A call of the app failed.");
    const fails = () => Promise.reject(thrown);
    for (const options of [{ deviceTokenOf: fails }, { rateLimit: fails }, { deviceTokenOf: () => null, newUserOf: fails, onRegister() {} }]) {
      const { ask, errors } = backEnd(options);
      assert.deepEqual([await statusOf(ask()), errors], [500, [thrown]], code);
    }
    const { ask, errors } = backEnd({}, { Login: fails });
    assert.equal(await statusOf(ask()), 502);
    assert.deepEqual([errors[0].code, errors[0].cause, errors[0] instanceof UserServiceError], ["network", thrown, true]);
  }
});

test("a request that the browser gave up ends the call of the service and is not reported", async () => {
  const called = gate();
  const { ask, errors } = backEnd({}, { Login: (_, signal) => (called.open(), rejectedBy(signal)) });
  const controller = new AbortController();
  const answer = ask({}, { signal: controller.signal });
  await called.opened;
  controller.abort();
  assert.equal(await statusOf(answer), 503);
  assert.deepEqual(errors, []);
});

test("simultaneous requests of one user share one login, which lasts until none of them waits", async () => {
  const [called, held] = [gate(), gate()];
  const { ask, sent } = backEnd({}, { Login: (_, signal) => (called.open(), Promise.race([held.opened, rejectedBy(signal)])) });
  const controller = new AbortController();
  const [first, second] = [ask({}, { signal: controller.signal }), ask()];
  await called.opened;
  controller.abort();
  held.open();
  assert.deepEqual([await statusOf(second), sent.length], [200, 1]);
  await first;
  assert.deepEqual([await statusOf(ask()), sent.length], [200, 2]);
});

test("a request that comes after all others were given up gets a login of its own", async () => {
  const called = gate();
  let attempts = 0;
  const { ask } = backEnd({}, { Login: (_, signal) => (attempts++ ? undefined : (called.open(), rejectedBy(signal))) });
  const controller = new AbortController();
  const first = ask({}, { signal: controller.signal });
  await called.opened;
  controller.abort();
  assert.deepEqual([await statusOf(ask()), await statusOf(first)], [200, 503]);
});

test("no answer, error or line of the console contains the key or a token", async (t) => {
  const lines = [];
  t.mock.method(console, "error", (...parts) => void lines.push(parts.map(String).join(" ")));
  const echo = (code) => () =>
    new Response(JSON.stringify({ Status: code, Title: `${at.instanceKey} canary-token`, Result: { RefreshToken: "canary-token" } }), { status: code });
  for (const code of [200, 400, 401, 403, 422, 429, 500]) {
    const { ask } = backEnd({ onError: undefined, deviceTokenOf: () => "canary-token" }, { Login: echo(code), UserExists: echo(code) });
    const text = await (await ask()).text();
    assert.doesNotMatch(text, new RegExp(`canary|${at.instanceKey}`), `${code}`);
  }
  assert.ok(lines.length >= 5);
  assert.doesNotMatch(lines.join("\n"), new RegExp(`canary|${at.instanceKey}`));
  assert.match(lines.join("\n"), /^telematics-user-client\/server: The service answered 500\.$/m);
});

test("the default report of a failed connection has its code, and nothing else of the cause", async (t) => {
  const lines = [];
  t.mock.method(console, "error", (...parts) => void lines.push(parts.map(String).join(" ")));
  const coded = (code) => Object.assign(new Error("canary"), { code });
  const causes = [coded("ConnectionRefused"), new TypeError("canary", { cause: coded("ECONNREFUSED") }), coded("canary of the app"), coded(20), null];
  for (const cause of causes) await backEnd({ onError: undefined }, { Login: () => Promise.reject(cause) }).ask();
  const line = "telematics-user-client/server: The service cannot be reached.";
  assert.deepEqual(lines, [`${line} (ConnectionRefused)`, `${line} (ECONNREFUSED)`, line, line, line]);
});

test("an onError that fails does not change the answer", async (t) => {
  const lines = t.mock.method(console, "error", () => {});
  const fails = () => Promise.reject(new Error("no log"));
  assert.equal(await statusOf(backEnd({ onError: fails }, { Login: status(500) }).ask()), 502);
  assert.equal(lines.mock.callCount(), 1);
});

test("a wrong option is an error at creation that names the option and not its value", () => {
  const wrong = {
    serviceUrl: [undefined, "canary", "ftp://canary", "https://user:canary@host", "https://host?canary", "https://host#canary", "https://"],
    instanceId: [undefined, "canary", ` ${at.instanceId}`],
    instanceKey: [undefined, "", "canary"],
    deviceTokenOf: [undefined, "canary"],
    allowedOrigins: ["https://canary.example", ["*"], ["null"], ["https://canary.example/"], ["https://*.canary.example"], ["https://canary.example:443"], ["https://CANARY.example"], ["file://"], ["canary"], [7]],
    timeoutMs: [0, -1, 1.5, Infinity, "10", 2 ** 31],
    newUserOf: [null, "canary"],
    onRegister: ["canary"],
    rateLimit: ["canary"],
    onError: ["canary"],
    fetch: ["canary"],
    allowedOrigin: ["canary"],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      for (const create of [createSignInHandler, createSignInMiddleware]) {
        const isClear = (error) => error instanceof UserServiceError && error.code === "invalid-argument" && error.message.startsWith(name) && !error.message.includes("canary");
        assert.throws(() => create({ ...required, [name]: value }), isClear, `${name}: ${value}`);
      }
    }
  }
  for (const options of [undefined, null, "canary"]) assert.throws(() => createSignInHandler(options), /^UserServiceError: options must be/);
  const half = { newUserOf: () => null };
  assert.throws(() => createSignInHandler({ ...required, ...half }), /newUserOf and onRegister/);
});

test("a slash at the end of the address of the service is ignored", async () => {
  const { ask, sent } = backEnd({ serviceUrl: "https://host.test/prefix//" });
  await ask();
  assert.equal(sent[0].url, "https://host.test/prefix/v1/Auth/Login");
});
