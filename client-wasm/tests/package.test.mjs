// The package as an app uses it, in Node: `node --test client-wasm/tests/` after the WebAssembly is built.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { UserServiceClient, UserServiceError, refresh, register, update } from "../npm/index.js";
import { at, code, fakeService, signedIn } from "./fake-service.mjs";

test("the class has exactly the members that index.d.ts declares", async () => {
  const types = await readFile(new URL("../npm/index.d.ts", import.meta.url), "utf8");
  const declaration = types.split("export class UserServiceClient {")[1].split("\n}")[0];
  const declared = [...declaration.matchAll(/^  (?:static |readonly )?(\w+)[(:]/gm)].map(([, name]) => name);
  const members = Object.getOwnPropertyNames(UserServiceClient.prototype).filter((name) => name !== "constructor");
  assert.deepEqual(new Set(declared), new Set([...members, "create"]));
  assert.ok(declared.length > 15, declared.join());
});

test("a client registers and keeps the session", async () => {
  const { client } = await signedIn();
  assert.equal(client.session.accessToken, "jwt-1");
  assert.ok(client.session.expiresAt instanceof Date);
  assert.equal(client.session, client.session);
  assert.ok(Object.isFrozen(client.session));
  assert.equal((await client.profile()).userFields.enableTracking, true);
});

test("an error has a code and contains no secret", async () => {
  const { client, fetch } = await signedIn();
  fetch.expire();
  fetch.dead = true;
  const error = await client.profile().catch((error) => error);
  assert.ok(error instanceof UserServiceError && error instanceof Error);
  assert.equal(error.name, "UserServiceError");
  assert.equal(error.code, "session-expired");
  const shown = [error, error.stack, JSON.stringify(error)].join();
  for (const secret of ["jwt-", "refresh-", at.instanceKey]) assert.ok(!shown.includes(secret), shown);
  assert.equal(client.session, null);
});

test("an error about an option names the option", async () => {
  await assert.rejects(UserServiceClient.create(), code("invalid-argument"));
  await assert.rejects(UserServiceClient.create({ ...at, instanceId: "x" }), /instanceId/);
  await assert.rejects(UserServiceClient.create({ ...at, apiOrigins: ["x"] }), /apiOrigins/);
  await assert.rejects(UserServiceClient.create({ ...at, apiOrigins: 7 }), /apiOrigins/);
  await assert.rejects(UserServiceClient.create({ ...at, baseUrl: "https://[" }), /baseUrl/);
  assert.throws(() => new UserServiceClient(), TypeError);
});

test("listeners receive the changes in order until they unsubscribe", async () => {
  const { client } = await signedIn();
  const received = [];
  const stop = client.onSessionChange(({ kind, session, origin }) => received.push([kind, session?.accessToken, origin]));
  const late = client.onSessionChange(() => received.push("second"));
  await client.refresh();
  late();
  await client.signOut();
  stop();
  await client.register();
  assert.deepEqual(received, [["refreshed", "jwt-2", "this-tab"], "second", ["signed-out", undefined, "this-tab"]]);
  assert.throws(() => client.onSessionChange("x"), code("invalid-argument"));
});

test("a listener may call the client, and an exception of a listener is reported", async (t) => {
  const { client } = await signedIn();
  const reported = [];
  globalThis.reportError = (thrown) => reported.push(thrown.message);
  t.after(() => delete globalThis.reportError);
  client.onSessionChange(() => {
    throw new Error("in the listener");
  });
  const signedOut = new Promise((resolve) => {
    client.onSessionChange(({ kind }) => void (kind === "refreshed" && resolve(client.signOut())));
  });
  await assert.rejects(client.refresh(), code("not-signed-in"));
  await signedOut;
  assert.deepEqual(reported, ["in the listener", "in the listener"]);
  assert.equal(client.session, null);
});

/** A storage that cannot be used, as in a private window. */
const forbidden = () => {
  throw new DOMException("forbidden", "SecurityError");
};

test("a warning waits for the first listener", async () => {
  const { client } = await signedIn({ storage: { load: forbidden, save: forbidden, remove: forbidden } });
  const received = [];
  client.onWarning(({ code }) => received.push(code));
  assert.deepEqual(new Set(received), new Set(["storage"]));
  client.onWarning(() => received.push("again"));
  assert.ok(!received.includes("again"));
});

test("the last ten warnings wait while no listener is registered", async () => {
  let [saves, stored] = [0, null];
  // Every second save fails: the client warns again only if a save has succeeded in between.
  const save = (key, value) => void ((saves += 1) % 2 ? (stored = value) : forbidden());
  const { client } = await signedIn({ storage: { load: () => stored, save, remove: () => void (stored = null) } });
  client.onWarning(() => {})();
  for (let i = 0; i < 40; i++) await client.refresh();
  const received = [];
  client.onWarning(({ code }) => received.push(code));
  assert.ok(saves > 40);
  assert.deepEqual(received, Array(10).fill("storage"));
});

test("fetch carries the access token and repeats a rejected call once, body included", async () => {
  for (const rejection of [401, 419]) {
    const { client, fetch } = await signedIn();
    fetch.rejection = rejection;
    fetch.expire();
    const answer = await client.fetch("https://user.test/api/trips", { method: "POST", body: "trip" });
    assert.equal(answer.status, 200);
    const calls = fetch.sentTo("/api/trips");
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
  assert.equal(fetch.sentTo("RefreshToken").length, 1);
});

test("fetch returns other responses unchanged, and rejects after a second 401", async () => {
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

test("fetch rejects with the reason of an abort, and with not-signed-in after a sign-out", async () => {
  const { client } = await signedIn();
  await assert.rejects(client.fetch("https://user.test/api/x", { signal: AbortSignal.abort("because") }), (error) => {
    assert.equal(error.cause, "because");
    return error.code === "aborted";
  });
  await client.signOut();
  await assert.rejects(client.fetch("https://user.test/api/x"), code("not-signed-in"));
});

test("dispose rejects pending and later calls", async () => {
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
  const fetch = fakeService();
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
