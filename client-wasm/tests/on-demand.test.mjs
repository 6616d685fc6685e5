// The calls that are loaded when they are first used: requests, results and arguments.
import assert from "node:assert/strict";
import { test } from "node:test";

import { UserServiceClient } from "../npm/index.js";
import { at, code, fakeService, never, signedIn } from "./fake-service.mjs";
import { camelCase, wire } from "./wire.mjs";

/** A signed-in client whose service answers all later requests with this result. */
async function answeredWith(result, options) {
  const { client, fetch } = await signedIn(options);
  fetch.next = (request, answer) => answer(200, result);
  return { client, fetch };
}

const user = (number) => ({ DeviceToken: `device-${number}`, AccessToken: { Token: `jwt-${number}`, ExpiresIn: 60 }, RefreshToken: null });

/** An argument of each call, the path parameter that it fills, and a valid result. */
const CALLS = {
  registerMany: { argument: { quantity: 1 }, result: [user(1)] },
  userExists: { argument: { email: "a@b.c" }, result: wire.userExists.full },
  joinInstance: { argument: "CODE", parameter: "{InviteCode}", result: wire.joinedInstance.full },
  uploadImage: { argument: new Blob(["pixels"]), result: "https://user.test/i.png" },
};

test("each call goes to the endpoint of the contract and carries the credentials of the contract", async () => {
  assert.deepEqual(new Set(Object.keys(wire.endpoints)), new Set(Object.keys(CALLS)));
  for (const [name, { argument, parameter, result }] of Object.entries(CALLS)) {
    const { client, fetch } = await answeredWith(result);
    await client[name](argument);
    const { method, url, headers } = fetch.requests.at(-1);
    const { method: expected, path, access } = wire.endpoints[name];
    assert.equal(method, expected, name);
    assert.equal(new URL(url).pathname, path.replace(parameter, argument), name);
    assert.equal(headers.get("Authorization"), access === "user" ? "Bearer jwt-1" : null, name);
    assert.equal(headers.get("InstanceId"), access === "user" ? null : at.instanceId, name);
    assert.equal(headers.get("InstanceKey"), access === "user" ? null : at.instanceKey, name);
  }
});

test("a batch returns a session for every user, and the session of the client stays", async (t) => {
  const { now } = Date;
  t.after(() => (Date.now = now));
  Date.now = () => 1_000;
  const { client, fetch } = await answeredWith([user(1), user(2), { DeviceToken: "device-3", AccessToken: null }]);
  const changes = [];
  client.onSessionChange(({ kind }) => changes.push(kind));
  const sessions = await client.registerMany({ quantity: 3, customFields: { clientId: "c" } });
  assert.deepEqual(JSON.parse(fetch.seen.at(-1).body), { Quantity: 3, CustomFields: { ClientId: "c" } });
  assert.equal(fetch.requests.at(-1).headers.get("Content-Type"), "application/json");
  const expiresAt = new Date(61_000);
  assert.deepEqual(sessions, [
    { deviceToken: "device-1", accessToken: "jwt-1", expiresAt, refreshToken: null },
    { deviceToken: "device-2", accessToken: "jwt-2", expiresAt, refreshToken: null },
    { deviceToken: "device-3", accessToken: null, expiresAt: null, refreshToken: null },
  ]);
  assert.equal(client.session.deviceToken, "device");
  assert.deepEqual(changes, []);
});

test("a batch with tokens that cannot be used is a decode error", async () => {
  const token = (Token) => [{ ...user(1), AccessToken: { Token, ExpiresIn: 60 } }];
  const longest = "j".repeat(16 * 1024);
  const { client: accepted } = await answeredWith(token(longest));
  assert.equal((await accepted.registerMany({ quantity: 1 }))[0].accessToken, longest);
  const wrong = [token(`${longest}j`), token("a b"), token(""), token("é"), [{ ...user(1), DeviceToken: null }], [null], {}, "text", null];
  wrong.push([{ ...user(1), AccessToken: {} }], [{ ...user(1), AccessToken: { Token: "jwt" } }], [{ ...user(1), AccessToken: { ExpiresIn: 1 } }]);
  for (const result of wrong) {
    const { client } = await answeredWith(result);
    await assert.rejects(client.registerMany({ quantity: 1 }), code("decode"), JSON.stringify(result).slice(0, 80));
  }
});

test("a batch needs an instance key", async () => {
  const { instanceKey, ...keyless } = at;
  const fetch = fakeService();
  const client = await UserServiceClient.create({ ...keyless, storage: "memory", fetch });
  await assert.rejects(client.registerMany({ quantity: 1 }), /instanceKey is required/);
  await assert.rejects(client.registerMany({ quantity: 0 }), /^UserServiceError: quantity /);
  assert.equal(fetch.seen.length, 0);
});

test("userExists sends its query in the address, needs no signed-in user and no key, and returns every field", async () => {
  const { instanceKey, ...keyless } = at;
  for (const options of [at, keyless]) {
    const fetch = fakeService();
    fetch.next = (request, answer) => answer(200, wire.userExists.full);
    const client = await UserServiceClient.create({ ...options, storage: "memory", fetch });
    const found = await client.userExists({ phone: "+49", email: "a@b.c", clientId: null });
    assert.deepEqual(found, camelCase(wire.userExists.full));
    assert.equal(new URL(fetch.requests[0].url).search, "?Phone=%2B49&Email=a%40b.c");
    assert.equal(fetch.requests[0].headers.get("InstanceKey"), options.instanceKey ?? null);
  }
  const { client } = await answeredWith({});
  assert.deepEqual(await client.userExists({ clientId: "c" }), camelCase(wire.userExists.readFromRequired));
});

test("an invite code is percent-encoded in the path", async () => {
  const { client, fetch } = await answeredWith({ InstanceName: "Fleet" });
  assert.deepEqual(await client.joinInstance("a/../b?c"), { instanceName: "Fleet" });
  assert.equal(fetch.seen.at(-1).pathname, "/v1/Management/users/instances/change/a%2F..%2Fb%3Fc");
  assert.equal(fetch.seen.at(-1).body, "");
});

test("a picture is sent as a form and its address returned", async () => {
  const { client, fetch } = await answeredWith("https://user.test/i.png");
  assert.equal(await client.uploadImage(new Blob(["pixels"])), "https://user.test/i.png");
  assert.match(fetch.requests.at(-1).headers.get("Content-Type"), /^multipart\/form-data; boundary=/);
  assert.match(fetch.seen.at(-1).body, /name="file"[^]*pixels/);
  for (const result of [7, null, {}, undefined]) {
    const { client } = await answeredWith(result);
    await assert.rejects(client.uploadImage(new Blob([])), code("decode"), String(result));
  }
});

test("a picture is sent again after a 401, with its content", async () => {
  const { client, fetch } = await signedIn();
  fetch.expire();
  fetch.next = (request, answer) =>
    request.headers.get("Authorization") === "Bearer jwt-3" && answer(200, "https://user.test/i.png");
  assert.equal(await client.uploadImage(new Blob(["pixels"])), "https://user.test/i.png");
  const uploads = fetch.sentTo("/upload");
  assert.deepEqual(uploads.map(({ authorization }) => authorization), ["Bearer jwt-1", "Bearer jwt-3"]);
  for (const { body } of uploads) assert.match(body, /pixels/);
  assert.equal(fetch.sentTo("RefreshToken").length, 1);
});

test("an invalid argument is named, and no request is sent", async () => {
  const { client, fetch } = await signedIn();
  const sent = fetch.seen.length;
  const wrong = [
    ["registerMany", undefined, "batch"],
    ["registerMany", {}, "quantity"],
    ["registerMany", { quantity: wire.maxQuantity + 1 }, "quantity"],
    ["registerMany", { quantity: "3" }, "quantity"],
    ["registerMany", { quantity: 1, customFields: { enabled: "canary" } }, "customFields.enabled"],
    ["userExists", undefined, "query"],
    ["userExists", {}, "query"],
    ["userExists", { email: null }, "query"],
    ["userExists", { email: 7 }, "email"],
    ["userExists", { mail: "canary" }, "mail"],
    ["joinInstance", undefined, "inviteCode"],
    ["joinInstance", 7, "inviteCode"],
    ["joinInstance", "", "inviteCode"],
    ["uploadImage", "canary", "picture"],
    ["uploadImage", undefined, "picture"],
  ];
  for (const [call, argument, field] of wrong) {
    await assert.rejects(client[call](argument), (error) => {
      assert.ok(error.message.startsWith(`${field} `) && !error.message.includes("canary"), error.message);
      return code("invalid-argument")(error);
    });
  }
  assert.equal(fetch.seen.length, sent);
});

test("a signal, a time limit and the end of the client end these calls", async () => {
  for (const [name, { argument }] of Object.entries(CALLS)) {
    const { client, fetch } = await signedIn();
    fetch.next = never;
    const controller = new AbortController();
    const aborted = client[name](argument, { signal: controller.signal });
    controller.abort("because");
    await assert.rejects(aborted, (error) => error.cause === "because" && code("aborted")(error), name);
    await assert.rejects(client[name](argument, { timeoutMs: 5 }), code("timeout"), name);
    await assert.rejects(client[name](argument, { timeoutMs: "5" }), code("invalid-argument"), name);
    const pending = client[name](argument);
    client.dispose();
    await assert.rejects(pending, code("disposed"), name);
    await assert.rejects(client[name](argument), code("disposed"), name);
  }
});

test("a call for the user needs a signed-in user", async () => {
  const { client } = await signedIn();
  await client.signOut();
  await assert.rejects(client.joinInstance("CODE"), code("not-signed-in"));
  await assert.rejects(client.uploadImage(new Blob([])), code("not-signed-in"));
});
