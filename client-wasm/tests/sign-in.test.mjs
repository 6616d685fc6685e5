// A page without a session and without the instance key signs in through the back end of the app.
import assert from "node:assert/strict";
import { test } from "node:test";

import { UserServiceClient } from "../npm/index.js";
import { LIFETIME, at, code, fakeService } from "./fake-service.mjs";

const { instanceKey, ...keyless } = at;

/** A client without key and session, whose `reauthenticate` is this function. */
const visitor = (reauthenticate, fetch = fakeService()) =>
  UserServiceClient.create({ ...keyless, storage: "memory", fetch, reauthenticate });

test("signIn signs in the user that the back end names, and says that nobody is signed in", async () => {
  const contexts = [];
  const client = await visitor(async ({ signal, ...context }) => {
    contexts.push(context);
    return { deviceToken: "device", accessToken: "jwt", expiresIn: LIFETIME };
  });
  const kinds = [];
  client.onSessionChange(({ kind }) => kinds.push(kind));
  const session = await client.signIn();
  assert.equal(session.accessToken, "jwt");
  assert.deepEqual(client.session, session);
  assert.deepEqual(contexts, [{ deviceToken: null, reason: "signed-out" }]);
  assert.deepEqual(kinds, ["signed-in"]);
});

test("signIn rejects with the code of the back end's status, and the visitor stays signed out", async () => {
  const client = await visitor(async () => {
    throw new Response(null, { status: 403 });
  });
  await assert.rejects(client.signIn(), code("forbidden"));
  assert.equal(client.session, null);
});

test("an aborted signIn aborts the request of the app", async () => {
  const aborted = [];
  const client = await visitor(({ signal }) => new Promise(() => signal.addEventListener("abort", () => aborted.push(signal))));
  const controller = new AbortController();
  const call = client.signIn({ signal: controller.signal });
  await new Promise(setImmediate);
  controller.abort("changed their mind");
  await assert.rejects(call, code("aborted"));
  assert.equal(aborted.length, 1);
});

test("signIn without reauthenticate names the option", async () => {
  const client = await UserServiceClient.create({ ...at, storage: "memory", fetch: fakeService() });
  await assert.rejects(client.signIn(), (error) => code("invalid-argument")(error) && /^reauthenticate /.test(error.message));
});

test("a 429 of the back end pauses the renewals for the time in Retry-After", async () => {
  const fetch = fakeService();
  let calls = 0;
  const client = await visitor(async () => {
    calls += 1;
    if (calls === 1) return { deviceToken: "device", accessToken: "jwt", expiresIn: LIFETIME };
    throw new Response(null, { status: 429, headers: { "Retry-After": "60" } });
  }, fetch);
  await client.signIn();
  for (let attempt = 0; attempt < 2; attempt++) {
    await assert.rejects(client.refresh(), (error) => code("rate-limited")(error) && error.retryAfterSeconds === 60);
  }
  assert.equal(calls, 2);
  assert.ok(client.session);
});
