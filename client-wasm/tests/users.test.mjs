// The record of a user: registering, reading and changing it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { refresh, register, update } from "../npm/index.js";
import { at, code, fakeService, signedIn } from "./fake-service.mjs";
import { camelCase, wire } from "./wire.mjs";

/** Arguments that are not valid users, and the field that is wrong. */
const INVALID_USERS = [
  ["canary", "user"],
  [null, "user"],
  [{ firstName: 7 }, "firstName"],
  [{ gender: "canary" }, "gender"],
  [{ childrenCount: 1.5 }, "childrenCount"],
  [{ childrenCount: -1 }, "childrenCount"],
  [{ childrenCount: NaN }, "childrenCount"],
  [{ clientId: "canary" }, "clientId"],
  [{ userFields: [], city: { toString: 1 } }, "city"],
  [{ userFields: "canary" }, "userFields"],
  [{ userFields: { enabled: "canary" } }, "userFields.enabled"],
  [{ userFields: { clientID: "canary" } }, "userFields.clientID"],
  [{ birthday: new Date() }, "birthday"],
  [new (class Canary { trusted = true; })(), "trusted"],
];

test("a registration sends every given field", async () => {
  const { client, fetch } = await signedIn();
  await client.register(camelCase(wire.newUser.full));
  assert.deepEqual(JSON.parse(fetch.seen.at(-1).body), wire.newUser.full);
  await client.register({ firstName: "Ada", email: undefined, userFields: { enableTracking: false, clientId: null } });
  assert.deepEqual(JSON.parse(fetch.seen.at(-1).body), { FirstName: "Ada", UserFields: { EnableTracking: false } });
  await client.register();
  assert.equal(fetch.seen.at(-1).body, "{}");
});

test("a profile has every field in camelCase", async () => {
  const { client, fetch } = await signedIn();
  fetch.next = (request, answer) => answer(200, wire.userRecord.full);
  const { userFields, ...profile } = camelCase(wire.userRecord.full);
  assert.deepEqual(await client.profile(), { ...profile, userFields: userFields[0] });
});

test("a profile of another shape is a decode error", async () => {
  const { client, fetch } = await signedIn();
  for (const result of [undefined, null, [], "text", { ...wire.userRecord.full, DeviceToken: 7 }]) {
    fetch.next = (request, answer) => answer(200, result);
    await assert.rejects(client.profile(), code("decode"), JSON.stringify(result));
  }
});

test("an update sends only the given fields and resolves to undefined", async () => {
  const { client, fetch } = await signedIn();
  const changes = { status: "Deactivated", childrenCount: 0, newPassword: "p", lastName: null };
  assert.equal(await client.update(changes), undefined);
  assert.deepEqual(JSON.parse(fetch.seen.at(-1).body), { ChildrenCount: 0, Status: "Deactivated", NewPassword: "p" });
  assert.equal(fetch.requests.at(-1).method, "PUT");
  await client.update(camelCase(wire.userChanges.full));
  assert.deepEqual(JSON.parse(fetch.seen.at(-1).body), wire.userChanges.full);
});

test("an update of the password is not repeated after a lost response, and another update is", async () => {
  for (const [changes, attempts] of [[{ oldPassword: "o", newPassword: "p" }, 1], [{ city: "Paris" }, 2]]) {
    const { client, fetch } = await signedIn({ maxRetries: 1 });
    const sent = fetch.seen.length;
    fetch.next = () => Promise.reject(new TypeError("lost"));
    await assert.rejects(client.update(changes), code("network"));
    assert.equal(fetch.seen.length - sent, attempts);
  }
});

test("an error about a user contains the field and not its value, and no request is sent", async () => {
  const { client, fetch } = await signedIn();
  const sent = fetch.seen.length;
  for (const [user, field] of INVALID_USERS) {
    const expected = (name) => (error) => {
      assert.ok(error.message.startsWith(`${name} `) && !error.message.includes("canary"), error.message);
      return code("invalid-argument")(error);
    };
    await assert.rejects(client.register(user), expected(field));
    await assert.rejects(register({ ...at, fetch }, user), expected(field));
    await assert.rejects(client.update(user), expected(field === "user" ? "changes" : field));
    await assert.rejects(update({ ...at, fetch }, "jwt-1", user), expected(field === "user" ? "changes" : field));
  }
  await assert.rejects(client.update(), code("invalid-argument"));
  await assert.rejects(client.update({ customToken: "canary" }), /customToken is unknown/);
  await assert.rejects(client.register({ status: "Active" }), /status is unknown/);
  assert.equal(fetch.seen.length, sent);
});

test("without an instance key a registration needs an invite code", async () => {
  const { instanceKey, ...keyless } = at;
  const fetch = fakeService();
  await assert.rejects(register({ ...keyless, fetch }, { firstName: "Ada" }), /instanceInviteCode is required/);
  assert.equal(fetch.seen.length, 0);
  await register({ ...keyless, fetch }, { instanceInviteCode: "CODE" });
  assert.equal(fetch.requests[0].headers.get("InstanceKey"), null);
  assert.deepEqual(JSON.parse(fetch.seen[0].body), { InstanceInviteCode: "CODE" });
});

test("calls without a client check their arguments", async () => {
  const fetch = fakeService();
  const service = { ...at, fetch };
  for (const accessToken of [undefined, null, 7, "a\nb", "é"]) {
    await assert.rejects(update(service, accessToken, {}), code("invalid-argument"), String(accessToken));
  }
  for (const tokens of [undefined, {}, { accessToken: "a" }, { accessToken: "a", refreshToken: "" }, { accessToken: 1, refreshToken: "b" }]) {
    await assert.rejects(refresh(service, tokens), code("invalid-argument"), JSON.stringify(tokens));
  }
  for (const wrong of [undefined, null, {}, { ...at, baseUrl: "x" }, { ...at, fetch: 7 }]) {
    await assert.rejects(register(wrong), code("invalid-argument"), JSON.stringify(wrong));
  }
  assert.equal(fetch.seen.length, 0);
});
