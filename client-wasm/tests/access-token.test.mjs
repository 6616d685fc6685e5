// `getAccessToken`: an access token for a library or a WebSocket.
import assert from "node:assert/strict";
import { test } from "node:test";

import { UserServiceClient } from "../npm/index.js";
import { until } from "../../tests/browser/until.mjs";
import { LIFETIME, at, code, fakeService, signedIn } from "./fake-service.mjs";
import { fakeClocks } from "./page.mjs";

/** Seconds after which an access token is due: 60 before its expiry. */
const DUE = LIFETIME - 60;

/** Holds the answers of refreshes back; the returned object has the function that sends them. */
function holdRefreshes(fetch) {
  const held = {};
  const gate = new Promise((resolve) => (held.answer = resolve));
  fetch.next = (request) => {
    if (!request.url.endsWith("RefreshToken")) return undefined;
    fetch.next = undefined;
    fetch.seen.pop(); // it is sent a second time
    return gate.then(() => fetch(request));
  };
  return held;
}

const refreshes = (fetch) => fetch.sentTo("RefreshToken").length;

test("an access token that is not due is returned without a request", async (t) => {
  const pass = fakeClocks(t);
  const { client, fetch } = await signedIn();
  const sent = fetch.seen.length;
  assert.equal(await client.getAccessToken(), "jwt-1");
  pass(DUE - 1);
  assert.equal(await client.getAccessToken(), "jwt-1");
  assert.equal(fetch.seen.length, sent);
});

test("an access token that is due or has expired is renewed first", async (t) => {
  const pass = fakeClocks(t);
  for (const seconds of [DUE, LIFETIME, LIFETIME * 10]) {
    const { client, fetch } = await signedIn();
    pass(seconds);
    assert.equal(await client.getAccessToken(), "jwt-2", String(seconds));
    assert.equal(refreshes(fetch), 1);
  }
});

test("all callers share one renewal, with the other calls of the client", async (t) => {
  const pass = fakeClocks(t);
  const { client, fetch } = await signedIn();
  pass(LIFETIME);
  const tokens = [client.getAccessToken(), client.getAccessToken(), client.getAccessToken()];
  await Promise.all([client.profile(), client.fetch("https://user.test/api/x"), client.refresh(), ...tokens]);
  for (const token of tokens) assert.equal(await token, "jwt-2");
  assert.equal(refreshes(fetch), 1);
});

test("without a signed-in user there is no access token", async () => {
  const empty = await UserServiceClient.create({ ...at, storage: "memory", fetch: fakeService() });
  assert.equal(await empty.getAccessToken(), null);
  const { client, fetch } = await signedIn();
  const sent = fetch.seen.length;
  await client.signOut();
  assert.equal(await client.getAccessToken(), null);
  assert.equal(fetch.seen.length, sent);
});

test("a sign-out during the renewal leaves no access token", async (t) => {
  const pass = fakeClocks(t);
  const { client, fetch } = await signedIn();
  pass(LIFETIME);
  const held = holdRefreshes(fetch);
  const token = client.getAccessToken();
  await until("the refresh is sent", () => fetch.next === undefined);
  await client.signOut();
  assert.equal(await token, null);
  held.answer();
  await until("the refresh has been answered", () => refreshes(fetch));
  assert.equal(await client.getAccessToken(), null);
});

test("an abort rejects only its own caller", async (t) => {
  const pass = fakeClocks(t);
  const { client, fetch } = await signedIn();
  pass(LIFETIME);
  const held = holdRefreshes(fetch);
  const controller = new AbortController();
  const aborted = client.getAccessToken({ signal: controller.signal });
  const other = client.getAccessToken();
  await until("the refresh is sent", () => fetch.next === undefined);
  controller.abort("because");
  await assert.rejects(aborted, (error) => error.cause === "because" && code("aborted")(error));
  held.answer();
  assert.equal(await other, "jwt-2");
  assert.equal(refreshes(fetch), 1);
  await assert.rejects(client.getAccessToken({ signal: AbortSignal.abort() }), code("aborted"));
});

test("if the renewal ends the session, every caller gets its error, and later callers get no access token", async (t) => {
  const pass = fakeClocks(t);
  const { client, fetch } = await signedIn();
  pass(LIFETIME);
  fetch.dead = true;
  for (const call of [client.getAccessToken(), client.getAccessToken()]) await assert.rejects(call, code("session-expired"));
  assert.equal(await client.getAccessToken(), null);
});

test("if the renewal fails, an access token that is still valid is returned, and an expired one is not", async (t) => {
  const pass = fakeClocks(t);
  const { client, fetch } = await signedIn();
  fetch.next = (request, answer) => answer(503);
  pass(DUE);
  assert.equal(await client.getAccessToken(), "jwt-1");
  pass(60);
  await assert.rejects(client.getAccessToken(), code("service"));
  fetch.next = undefined;
  assert.equal(await client.getAccessToken(), "jwt-2");
});

test("a user who is named by header has no access token", async () => {
  const { instanceKey, ...keyless } = at;
  const fetch = fakeService();
  fetch.next = (request, answer) => answer(200, { DeviceToken: "device" });
  const client = await UserServiceClient.create({ ...keyless, storage: "memory", fetch, deviceTokenHeader: true });
  await client.register({ instanceInviteCode: "CODE" });
  assert.equal(await client.getAccessToken(), null);
});

test("getAccessToken works as a function of its own, and checks its options", async () => {
  const { client } = await signedIn();
  const { getAccessToken } = client;
  assert.equal(await getAccessToken(), "jwt-1");
  await assert.rejects(getAccessToken({ signal: {} }), code("invalid-argument"));
  client.dispose();
  await assert.rejects(getAccessToken(), code("disposed"));
});
