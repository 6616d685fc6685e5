// The package as an app sees it, in Node: `node --test client-wasm/tests/` after the wasm was built.
import assert from "node:assert/strict";
import { test } from "node:test";

import { UserServiceClient, UserServiceError, refresh, register, update } from "../npm/index.js";

const at = {
  baseUrl: "https://user.test",
  instanceId: "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10",
  instanceKey: "1b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a11",
};

// A user service: the latest access token is the only one that it accepts.
function service() {
  let latest = 0;
  const seen = [];
  const answer = (status, Result) => new Response(JSON.stringify({ Result, Status: status }), { status });
  const fetch = async (request) => {
    const { pathname } = new URL(request.url);
    seen.push({ pathname, authorization: request.headers.get("authorization"), body: await request.text() });
    if (pathname.startsWith("/v1/Management") || pathname.startsWith("/api")) {
      if (request.headers.get("authorization") !== `Bearer jwt-${latest}`) return answer(fetch.rejection ?? 401);
      return answer(200, { DeviceToken: "device", DateCreated: "2026-01-01T00:00:00", Status: "Active" });
    }
    if (fetch.dead) return answer(401);
    latest += 1;
    const AccessToken = { Token: `jwt-${latest}`, ExpiresIn: 86400 };
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

const code = (expected) => (error) => error instanceof UserServiceError && error.code === expected;

test("a client registers and keeps the session", async () => {
  const { client } = await signedIn();
  assert.equal(client.session.accessToken, "jwt-1");
  assert.ok(client.session.expiresAt instanceof Date);
  assert.equal(client.session, client.session);
  assert.ok(Object.isFrozen(client.session));
  assert.equal((await client.profile()).userFields.enableTracking, true);
});

test("an error has a code and shows no secret", async () => {
  const { client, fetch } = await signedIn();
  fetch.expire();
  fetch.dead = true;
  const error = await client.profile().catch((error) => error);
  assert.ok(error instanceof Error);
  assert.equal(error.name, "UserServiceError");
  assert.equal(error.code, "session-expired");
  const shown = [error, error.stack, JSON.stringify(error)].join();
  for (const secret of ["jwt-", "refresh-", at.instanceKey]) assert.ok(!shown.includes(secret), shown);
  assert.equal(client.session, null);
});

test("options that do not fit are named", async () => {
  await assert.rejects(UserServiceClient.create(), code("invalid-argument"));
  await assert.rejects(UserServiceClient.create({ ...at, instanceId: "x" }), /instanceId/);
  await assert.rejects(UserServiceClient.create({ ...at, apiOrigins: ["x"] }), /apiOrigins/);
  await assert.rejects(UserServiceClient.create({ ...at, apiOrigins: 7 }), /apiOrigins/);
  await assert.rejects(UserServiceClient.create({ ...at, baseUrl: "https://[" }), /baseUrl/);
  assert.throws(() => new UserServiceClient(), TypeError);
});

test("listeners hear of changes in their order until they stop", async () => {
  const { client } = await signedIn();
  const heard = [];
  const stop = client.onSessionChange(({ kind, session, origin }) => heard.push([kind, session?.accessToken, origin]));
  const late = client.onSessionChange(() => heard.push("second"));
  await client.refresh();
  late();
  await client.signOut();
  stop();
  await client.register();
  assert.deepEqual(heard, [["refreshed", "jwt-2", "this-tab"], "second", ["signed-out", undefined, "this-tab"]]);
  assert.throws(() => client.onSessionChange("x"), code("invalid-argument"));
});

test("a listener may call the client, and one that throws harms nobody", async (t) => {
  const { client } = await signedIn();
  const reported = [];
  globalThis.reportError = (thrown) => reported.push(thrown.message);
  t.after(() => delete globalThis.reportError);
  client.onSessionChange(() => {
    throw new Error("of the listener");
  });
  const signedOut = new Promise((resolve) => {
    client.onSessionChange(({ kind }) => void (kind === "refreshed" && resolve(client.signOut())));
  });
  await assert.rejects(client.refresh(), code("not-signed-in"));
  await signedOut;
  assert.deepEqual(reported, ["of the listener", "of the listener"]);
  assert.equal(client.session, null);
});

test("a warning waits for the first listener", async () => {
  // Node has no usable localStorage of its own.
  const { client } = await signedIn({ storage: "session", storageKey: "k" });
  const heard = [];
  client.onWarning(({ code }) => heard.push(code));
  assert.deepEqual(new Set(heard), new Set(["storage"]));
  client.onWarning(() => heard.push("again"));
  assert.ok(!heard.includes("again"));
});

test("fetch carries the access token and repeats a rejected call once, body included", async () => {
  for (const rejection of [401, 419]) {
    const { client, fetch } = await signedIn();
    fetch.rejection = rejection;
    fetch.expire();
    const answer = await client.fetch("https://user.test/api/trips", { method: "POST", body: "trip" });
    assert.equal(answer.status, 200);
    const calls = fetch.seen.filter(({ pathname }) => pathname === "/api/trips");
    assert.deepEqual(calls, [
      { pathname: "/api/trips", authorization: "Bearer jwt-1", body: "trip" },
      { pathname: "/api/trips", authorization: "Bearer jwt-3", body: "trip" },
    ]);
  }
});

test("any number of simultaneous 401s make one refresh", async () => {
  const { client, fetch } = await signedIn();
  fetch.expire();
  const calls = [client.profile(), client.update({ city: "Paris" })];
  for (let i = 0; i < 8; i++) calls.push(client.fetch("https://user.test/api/trips"));
  await Promise.all(calls);
  assert.equal(fetch.seen.filter(({ pathname }) => pathname.endsWith("RefreshToken")).length, 1);
});

test("fetch passes other answers through, and rejects after a second 401", async () => {
  const { client, fetch } = await signedIn();
  const through = await client.fetch("https://user.test/v1/Management/users");
  assert.equal((await through.json()).Status, 200);
  const always = new Response("no", { status: 401 });
  const strict = await UserServiceClient.create({
    ...at,
    storage: "memory",
    fetch: async (request) => (request.url.includes("/api/") ? always : fetch(request)),
  });
  await strict.register();
  const error = await strict.fetch("https://user.test/api/x").catch((error) => error);
  assert.equal(error.code, "unauthorized");
  assert.equal(error.status, 401);
  assert.equal(error.cause, always);
});

test("fetch sends the access token to no other origin", async () => {
  const { client, fetch } = await signedIn();
  const count = fetch.seen.length;
  for (const url of ["https://evil.test/", "https://user.test.evil.test/", "http://user.test/", "https://user.test:8443/"]) {
    await assert.rejects(client.fetch(url), code("invalid-argument"));
  }
  await assert.rejects(client.fetch("not a url"), code("invalid-argument"));
  assert.equal(fetch.seen.length, count);
  const { client: wide, fetch: seen } = await signedIn({ apiOrigins: ["https://api.test/ignored"] });
  await wide.fetch(new URL("https://api.test/api/x"));
  assert.equal(seen.seen.at(-1).pathname, "/api/x");
  await assert.rejects(wide.fetch("https://user.test/api/x"), code("invalid-argument"));
});

test("fetch says what ended it", async () => {
  const { client } = await signedIn();
  await assert.rejects(client.fetch("https://user.test/api/x", { signal: AbortSignal.abort("because") }), (error) => {
    assert.equal(error.cause, "because");
    return error.code === "aborted";
  });
  const offline = await signedIn();
  await offline.client.signOut();
  await assert.rejects(offline.client.fetch("https://user.test/api/x"), code("not-signed-in"));
});

test("dispose ends what is under way and everything after it", async () => {
  const { client } = await signedIn();
  let changes = 0;
  client.onSessionChange(() => (changes += 1));
  const calls = [client.profile(), client.refresh(), client.fetch("https://user.test/api/x")];
  client.dispose();
  client.dispose();
  for (const call of calls) await assert.rejects(call, code("disposed"));
  for (const call of ["profile", "signOut", "register"]) await assert.rejects(client[call](), code("disposed"));
  await assert.rejects(client.fetch("https://user.test/api/x"), code("disposed"));
  assert.equal(client.session, null);
  assert.equal(changes, 0);
  assert.equal(typeof client[Symbol.dispose ?? Symbol.for("Symbol.dispose")], "function");
});

test("calls without a client keep nothing", async () => {
  const fetch = service();
  const first = await register({ ...at, fetch }, { firstName: "Ada" });
  const second = await refresh({ ...at, fetch }, first);
  await update({ ...at, fetch }, second.accessToken, { city: "Paris" });
  await assert.rejects(update({ ...at, fetch }, first.accessToken, { city: "Paris" }), code("unauthorized"));
  assert.deepEqual(fetch.seen.map(({ body }) => body && JSON.parse(body)), [
    { FirstName: "Ada" },
    { AccessToken: "jwt-1", RefreshToken: "refresh-1" },
    { City: "Paris" },
    { City: "Paris" },
  ]);
});
