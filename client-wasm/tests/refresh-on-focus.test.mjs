// The option `refreshOnFocus`.
import assert from "node:assert/strict";
import { test } from "node:test";

import { UserServiceClient } from "../npm/index.js";
import { LIFETIME, at, fakeService, signedIn } from "./fake-service.mjs";
import { fakeClocks, fakePage } from "./page.mjs";

const EVENTS = ["focus", "visibilitychange", "online"];
const refreshes = (fetch) => fetch.sentTo("RefreshToken").length;
/** Resolves after the tasks that an event has started. */
const settled = async () => {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
};

test("each event renews an access token that is due, once", async (t) => {
  const pass = fakeClocks(t);
  const page = fakePage(t);
  const { client, fetch } = await signedIn({ refreshOnFocus: true });
  t.after(() => client.dispose());
  for (const [index, event] of EVENTS.entries()) {
    pass(LIFETIME - 60);
    page.dispatch(event);
    page.dispatch("focus");
    await settled();
    assert.equal(client.session.accessToken, `jwt-${index + 2}`, event);
    assert.equal(refreshes(fetch), index + 1, event);
  }
});

test("no event sends a request if the access token is not due, the page is hidden or no user is signed in", async (t) => {
  const pass = fakeClocks(t);
  const page = fakePage(t);
  const { client, fetch } = await signedIn({ refreshOnFocus: true });
  t.after(() => client.dispose());
  const sent = fetch.seen.length;
  const all = async () => {
    EVENTS.forEach((event) => page.dispatch(event));
    await settled();
    assert.equal(fetch.seen.length, sent);
  };
  pass(LIFETIME - 61);
  await all();
  page.document.visibilityState = "hidden";
  pass(LIFETIME);
  await all();
  page.document.visibilityState = "visible";
  await client.signOut();
  await all();
});

test("no event sends a request for a user who has no access token", async (t) => {
  const page = fakePage(t);
  const fetch = fakeService();
  fetch.next = ({ url }, answer) => url.endsWith("/Create") && answer(200, { DeviceToken: "device" });
  const client = await UserServiceClient.create({ ...at, storage: "memory", fetch, refreshOnFocus: true });
  t.after(() => client.dispose());
  await client.register({ createAccessToken: false });
  EVENTS.forEach((event) => page.dispatch(event));
  await settled();
  assert.equal(fetch.seen.length, 1);
});

test("a renewal that fails is not reported as an unhandled rejection", async (t) => {
  const pass = fakeClocks(t);
  const page = fakePage(t);
  const { client, fetch } = await signedIn({ refreshOnFocus: true });
  t.after(() => client.dispose());
  const unhandled = [];
  const report = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", report);
  t.after(() => process.off("unhandledRejection", report));
  fetch.next = () => Promise.reject(new TypeError("offline"));
  pass(LIFETIME);
  page.dispatch("online");
  await settled();
  assert.equal(refreshes(fetch), 1);
  assert.deepEqual(unhandled, []);
});

test("without the option no event renews, and after dispose no listener is left", async (t) => {
  const pass = fakeClocks(t);
  const page = fakePage(t);
  for (const options of [undefined, { refreshOnFocus: false }]) {
    const { client, fetch } = await signedIn(options);
    pass(LIFETIME);
    EVENTS.forEach((event) => page.dispatch(event));
    await settled();
    assert.equal(refreshes(fetch), 0);
    assert.equal(page.count(), 0);
    client.dispose();
  }
  const { client, fetch } = await signedIn({ refreshOnFocus: true });
  assert.equal(page.count(), EVENTS.length);
  pass(LIFETIME);
  client.dispose();
  assert.equal(page.count(), 0);
  EVENTS.forEach((event) => page.dispatch(event));
  await settled();
  assert.equal(refreshes(fetch), 0);
});
