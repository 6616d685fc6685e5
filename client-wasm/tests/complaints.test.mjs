// What users of other clients complain about: none of it may sign anybody out.
import assert from "node:assert/strict";
import { test } from "node:test";

import { UserServiceClient } from "../npm/index.js";

const at = {
  baseUrl: "https://user.test",
  instanceId: "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10",
  instanceKey: "1b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a11",
};

/** A storage of one's own that answers later, as databases do. */
function ownStorage() {
  const kept = new Map();
  const later = (value) => new Promise((resolve) => setTimeout(resolve, 1, value));
  return {
    kept,
    load: (key) => later(kept.get(key) ?? null),
    save: (key, value) => later(void kept.set(key, value)),
    remove: (key) => later(void kept.delete(key)),
  };
}

/** A user service: only the latest access token is accepted; `fetch.next` answers in place of it. */
function service() {
  let latest = 0;
  const seen = [];
  const answer = (status, Result, headers) => new Response(JSON.stringify({ Result, Status: status }), { status, headers });
  const fetch = async (request) => {
    const { pathname } = new URL(request.url);
    seen.push(pathname);
    const instead = fetch.next?.(request, answer);
    if (instead) return instead;
    if (!pathname.startsWith("/v1/Registration") && !pathname.startsWith("/v1/Auth")) {
      if (request.headers.get("authorization") !== `Bearer jwt-${latest}`) return answer(401);
      return answer(200, { DeviceToken: "device", DateCreated: "2026-01-01T00:00:00", Status: "Active" });
    }
    latest += 1;
    const AccessToken = { Token: `jwt-${latest}`, ExpiresIn: 3600 };
    return answer(200, { DeviceToken: "device", AccessToken, RefreshToken: `refresh-${latest}` });
  };
  return Object.assign(fetch, { seen, expire: () => (latest += 1) });
}

async function signedIn(more) {
  const fetch = service();
  const client = await UserServiceClient.create({ ...at, storage: "memory", fetch, ...more });
  await client.register();
  return { client, fetch };
}

const code = (expected) => (error) => error.code === expected;

test("an offline start keeps the stored session", async () => {
  const storage = ownStorage();
  await signedIn({ storage });
  const offline = () => Promise.reject(new TypeError("Failed to fetch"));
  const client = await UserServiceClient.create({ ...at, storage, fetch: offline, maxRetries: 0 });
  await assert.rejects(client.profile(), code("network"));
  await assert.rejects(client.refresh(), code("network"));
  assert.equal(client.session.deviceToken, "device");
  assert.equal(storage.kept.size, 1);
  client.dispose();
});

test("a 429 with Retry-After is told, and the service left alone until then", async () => {
  const { client, fetch } = await signedIn();
  fetch.next = (request, answer) => request.url.includes("RefreshToken") && answer(429, undefined, { "Retry-After": "60" });
  fetch.expire();
  const calls = await Promise.allSettled([client.profile(), client.refresh(), client.profile()]);
  for (const { reason } of calls) assert.deepEqual([reason.code, reason.retryAfterSeconds], ["rate-limited", 60]);
  await assert.rejects(client.refresh(), code("rate-limited"));
  assert.equal(fetch.seen.filter((path) => path.includes("RefreshToken")).length, 1);
  assert.ok(client.session);
});

test("a full storage costs a warning and no session", async () => {
  const storage = { ...ownStorage(), save: () => Promise.reject(new DOMException("full", "QuotaExceededError")) };
  const { client } = await signedIn({ storage });
  const heard = [];
  client.onWarning(({ code }) => heard.push(code));
  await client.refresh();
  await client.profile();
  assert.deepEqual(heard, ["storage"]);
  assert.ok(client.session);
  client.dispose();
});

test("a corrupt storage is dropped with a warning, and never breaks the start", async () => {
  for (const corrupt of ["{", "null", "[]", "7", '{"Tokens":{}}', 7, {}]) {
    const storage = ownStorage();
    storage.load = async () => corrupt;
    const client = await UserServiceClient.create({ ...at, storage, fetch: service() });
    const heard = [];
    client.onWarning(({ code }) => heard.push(code));
    assert.deepEqual([client.session, heard], [null, ["storage"]]);
    client.dispose();
  }
});

test('abort("reason") ends that call alone', async () => {
  const { client, fetch } = await signedIn();
  fetch.expire();
  const controller = new AbortController();
  let let_go;
  fetch.next = (request, answer) =>
    request.url.includes("RefreshToken") && new Promise((resolve) => (let_go = resolve)).then(() => ((fetch.next = undefined), fetch(request)));
  const aborted = client.profile({ signal: controller.signal });
  const other = client.profile();
  while (!let_go) await new Promise((resolve) => setTimeout(resolve, 1));
  controller.abort("reason");
  await assert.rejects(aborted, (error) => error.code === "aborted" && error.cause === "reason");
  let_go();
  assert.equal((await other).deviceToken, "device");
  assert.ok(client.session);
});

test("a listener that calls the client does not hang it", async () => {
  const { client, fetch } = await signedIn();
  const inside = new Promise((resolve) => client.onSessionChange(() => resolve(client.profile())));
  fetch.expire();
  await client.profile();
  assert.equal((await inside).deviceToken, "device");
});

test("a clock that is 70 minutes fast signs nobody out and refreshes no more than once", async (t) => {
  const storage = ownStorage();
  const { fetch } = await signedIn({ storage });
  const now = Date.now;
  t.after(() => (Date.now = now));
  Date.now = () => now() + 70 * 60_000;
  const client = await UserServiceClient.create({ ...at, storage, fetch });
  for (let i = 0; i < 5; i++) await client.profile();
  assert.ok(client.session);
  assert.ok(fetch.seen.filter((path) => path.includes("RefreshToken")).length <= 1);
  client.dispose();
});

test("a client without the key signs in again through the back end of the app", async () => {
  const { client, fetch } = await signedIn();
  const { deviceToken, accessToken, refreshToken } = client.session;
  const asked = [];
  const storage = ownStorage();
  const key = "k";
  storage.kept.set(key, JSON.stringify({ ObtainedMs: Date.now(), Tokens: { DeviceToken: deviceToken, AccessToken: { Token: accessToken, ExpiresIn: 3600 }, RefreshToken: refreshToken } }));
  const { instanceKey, ...keylessAt } = at;
  fetch.next = (request, answer) => request.url.includes("RefreshToken") && answer(401);
  const reauthenticate = async ({ deviceToken, reason, signal }) => {
    asked.push([deviceToken, reason, signal.aborted]);
    const again = await client.login({ deviceToken });
    return { ...again, expiresIn: 3600 };
  };
  const keyless = await UserServiceClient.create({ ...keylessAt, storage, storageKey: key, fetch, reauthenticate });
  fetch.expire();
  const calls = await Promise.all([keyless.profile(), keyless.profile(), keyless.fetch("https://user.test/api/x")]);
  assert.equal(calls[2].status, 200);
  assert.deepEqual(asked, [["device", "rejected", false]]);
  await assert.rejects(keyless.login({ deviceToken: "device" }), code("invalid-argument"));
  await assert.rejects(keyless.register(), code("invalid-argument"));
  keyless.dispose();
});

test("fetch takes a Request, and a stream is sent once and its 401 comes back", async () => {
  const { client, fetch } = await signedIn();
  fetch.expire();
  const replayed = await client.fetch(new Request("https://user.test/api/x", { method: "PUT", body: "b" }), { headers: { A: "b" } });
  assert.equal(replayed.status, 200);
  fetch.expire();
  const body = new ReadableStream({ start: (stream) => (stream.enqueue(new TextEncoder().encode("b")), stream.close()) });
  const once = await client.fetch("https://user.test/api/stream", { method: "POST", body, duplex: "half" });
  assert.equal(once.status, 401);
  assert.equal(fetch.seen.filter((path) => path === "/api/stream").length, 1);
});

test("the key is warned of once, and only on a page that is not on localhost", async (t) => {
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
