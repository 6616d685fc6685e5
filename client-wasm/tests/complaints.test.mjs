// Common complaints about other clients: none of these events may sign the user out.
import assert from "node:assert/strict";
import { test } from "node:test";

import { UserServiceClient } from "../npm/index.js";
import { until } from "../../tests/browser/until.mjs";
import { LIFETIME, at, code, fakeService, signedIn } from "./fake-service.mjs";
import { sharedStorage } from "./storages.mjs";

test("an offline start keeps the stored session", async () => {
  const storage = sharedStorage();
  await signedIn({ storage });
  const offline = () => Promise.reject(new TypeError("Failed to fetch"));
  const client = await UserServiceClient.create({ ...at, storage, fetch: offline, maxRetries: 0 });
  await assert.rejects(client.profile(), code("network"));
  await assert.rejects(client.refresh(), code("network"));
  assert.equal(client.session.deviceToken, "device");
  assert.equal(storage.kept.size, 1);
  client.dispose();
});

test("after a 429 with Retry-After every call rejects with rate-limited and no further refresh is sent", async () => {
  const { client, fetch } = await signedIn();
  fetch.next = (request, answer) => request.url.includes("RefreshToken") && answer(429, undefined, { "Retry-After": "60" });
  fetch.expire();
  const calls = await Promise.allSettled([client.profile(), client.refresh(), client.profile()]);
  for (const { reason } of calls) assert.deepEqual([reason.code, reason.retryAfterSeconds], ["rate-limited", 60]);
  await assert.rejects(client.refresh(), code("rate-limited"));
  assert.equal(fetch.sentTo("RefreshToken").length, 1);
  assert.ok(client.session);
});

test("a full storage causes one warning and keeps the session", async () => {
  const storage = { ...sharedStorage(), save: () => Promise.reject(new DOMException("full", "QuotaExceededError")) };
  const { client } = await signedIn({ storage });
  const received = [];
  client.onWarning(({ code }) => received.push(code));
  await client.refresh();
  await client.profile();
  assert.deepEqual(received, ["storage"]);
  assert.ok(client.session);
  client.dispose();
});

test("a corrupt stored value is removed with a warning, and create() still resolves", async () => {
  for (const corrupt of ["{", "null", "[]", "7", '{"Tokens":{}}', 7, {}]) {
    const storage = sharedStorage();
    storage.kept.set("key", corrupt);
    const client = await UserServiceClient.create({ ...at, storage, storageKey: "key", fetch: fakeService() });
    const received = [];
    client.onWarning(({ code }) => received.push(code));
    assert.deepEqual([client.session, storage.kept.size, received], [null, 0, ["storage"]]);
    client.dispose();
  }
});

test('abort("reason") rejects only its own call', async () => {
  const { client, fetch } = await signedIn();
  fetch.expire();
  const controller = new AbortController();
  let letGo;
  fetch.next = (request, answer) =>
    request.url.includes("RefreshToken") && new Promise((resolve) => (letGo = resolve)).then(() => ((fetch.next = undefined), fetch(request)));
  const aborted = client.profile({ signal: controller.signal });
  const other = client.profile();
  await until("the refresh is pending", () => letGo);
  controller.abort("reason");
  await assert.rejects(aborted, (error) => error.code === "aborted" && error.cause === "reason");
  letGo();
  assert.equal((await other).deviceToken, "device");
  assert.ok(client.session);
});

test("a listener may call the client", async () => {
  const { client, fetch } = await signedIn();
  const inside = new Promise((resolve) => client.onSessionChange(() => resolve(client.profile())));
  fetch.expire();
  await client.profile();
  assert.equal((await inside).deviceToken, "device");
});

test("a clock that is 70 minutes fast keeps the session and causes one refresh", async (t) => {
  const storage = sharedStorage();
  const { fetch } = await signedIn({ storage });
  const now = Date.now;
  t.after(() => (Date.now = now));
  Date.now = () => now() + 70 * 60_000;
  const client = await UserServiceClient.create({ ...at, storage, fetch });
  for (let i = 0; i < 5; i++) await client.profile();
  assert.ok(client.session);
  assert.equal(fetch.sentTo("RefreshToken").length, 1);
  client.dispose();
});

test("a client without the key signs in again through the back end of the app", async () => {
  const { client, fetch } = await signedIn();
  const { deviceToken, accessToken, refreshToken } = client.session;
  const contexts = [];
  const storage = sharedStorage();
  const key = "k";
  storage.kept.set(key, JSON.stringify({ ObtainedMs: Date.now(), Tokens: { DeviceToken: deviceToken, AccessToken: { Token: accessToken, ExpiresIn: LIFETIME }, RefreshToken: refreshToken } }));
  const { instanceKey, ...keylessAt } = at;
  fetch.next = (request, answer) => request.url.includes("RefreshToken") && answer(401);
  const reauthenticate = async ({ deviceToken, reason, signal }) => {
    contexts.push([deviceToken, reason, signal.aborted]);
    const again = await client.login({ deviceToken });
    return { ...again, expiresIn: LIFETIME };
  };
  const keyless = await UserServiceClient.create({ ...keylessAt, storage, storageKey: key, fetch, reauthenticate });
  fetch.expire();
  const calls = await Promise.all([keyless.profile(), keyless.profile(), keyless.fetch("https://user.test/api/x")]);
  assert.equal(calls[2].status, 200);
  assert.deepEqual(contexts, [["device", "rejected", false]]);
  await assert.rejects(keyless.login({ deviceToken: "device" }), code("invalid-argument"));
  await assert.rejects(keyless.register(), code("invalid-argument"));
  keyless.dispose();
});

test("fetch accepts a Request; a stream is sent once and its 401 is returned", async () => {
  const { client, fetch } = await signedIn();
  fetch.expire();
  const replayed = await client.fetch(new Request("https://user.test/api/x", { method: "PUT", body: "b" }), { headers: { A: "b" } });
  assert.equal(replayed.status, 200);
  fetch.expire();
  const body = new ReadableStream({ start: (stream) => (stream.enqueue(new TextEncoder().encode("b")), stream.close()) });
  const once = await client.fetch("https://user.test/api/stream", { method: "POST", body, duplex: "half" });
  assert.equal(once.status, 401);
  assert.equal(fetch.sentTo("/api/stream").length, 1);
});

test("a page with a key logs one warning unless it is on localhost", async (t) => {
  const warnings = [];
  const { warn } = console;
  console.warn = (text) => warnings.push(text);
  t.after(() => {
    console.warn = warn;
    delete globalThis.location;
  });
  for (const url of ["http://localhost/", "http://127.0.0.1:8080/", "http://[::1]/", "https://app.localhost/"]) {
    globalThis.location = new URL(url);
    await signedIn();
  }
  assert.deepEqual(warnings, []);
  globalThis.location = new URL("https://app.example/");
  await signedIn();
  await signedIn();
  assert.equal(warnings.length, 1);
  assert.ok(!warnings[0].includes(at.instanceKey));
});
