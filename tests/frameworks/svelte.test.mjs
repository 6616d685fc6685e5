// The Svelte adapter in a compiled component, in a document and on a server.
import assert from "node:assert/strict";
import { test } from "node:test";

import { place } from "./dom.mjs";
import { afterMicrotasks, isDisposed, watched } from "./clients.mjs";
import { load } from "./bundle.mjs";
import { signedIn } from "../../client-wasm/tests/fake-service.mjs";
import { sessionStore } from "telematics-user-client/svelte";
import { get } from "svelte/store";

const component = '<script> let { session } = $props(); </script> <b>{$session?.accessToken ?? "none"}</b>';
const functions = (names, from) => `export { default as Session } from "./Session.svelte"; export { ${names} } from "${from}";`;
const files = (entry) => ({ "main.js": entry, "Session.svelte": component });
const { Session, flushSync, hydrate, mount, unmount } = await load(files(functions("flushSync, hydrate, mount, unmount", "svelte")));
const { Session: SessionOnServer, render } = await load(files(functions("render", "svelte/server")), { platform: "node" });

const token = (session) => session?.accessToken ?? "none";

test("a component follows a refresh, a sign-out and a sign-in until it is unmounted", async (t) => {
  const { client } = await signedIn();
  const { client: counted, listening } = watched(client);
  const element = place(t);
  const app = mount(Session, { target: element, props: { session: sessionStore(counted) } });
  assert.equal(element.textContent, "jwt-1");
  for (const [change, shown] of [["refresh", "jwt-2"], ["signOut", "none"], ["register", "jwt-3"]]) {
    await client[change]();
    flushSync();
    assert.equal(element.textContent, shown);
  }
  assert.equal(listening(), 1);
  await unmount(app);
  assert.equal(listening(), 0);
  assert.equal(await isDisposed(client), false);
});

test("two subscribers of one store receive the session at once, and each is stopped alone", async () => {
  const { client } = await signedIn();
  const store = sessionStore(client);
  const [first, second] = [[], []];
  const stop = store.subscribe((session) => first.push(token(session)));
  store.subscribe((session) => second.push(token(session)));
  await client.refresh();
  stop();
  await client.signOut();
  assert.deepEqual([first, second], [["jwt-1", "jwt-2"], ["jwt-1", "jwt-2", "none"]]);
});

test("the store of a promise has no session until the client is there", async () => {
  const { client } = await signedIn();
  const received = [];
  sessionStore(Promise.resolve(client)).subscribe((session) => received.push(token(session)));
  await afterMicrotasks();
  await client.refresh();
  assert.deepEqual(received, ["none", "jwt-1", "jwt-2"]);
});

test("a subscription that ends before the client is there calls nobody", async () => {
  const { client, listening } = watched((await signedIn()).client);
  const received = [];
  sessionStore(Promise.resolve(client)).subscribe((session) => received.push(session))();
  await afterMicrotasks();
  assert.deepEqual(received, [null]);
  assert.equal(listening(), 0);
});

test("a store without a client, and one whose client could not be created, have no session", async () => {
  assert.equal(get(sessionStore(null)), null);
  const failing = Promise.reject(new Error("offline"));
  assert.equal(get(sessionStore(failing)), null);
  await assert.rejects(failing, /offline/);
});

test("a component rendered on a server is hydrated, and shows the session when the client is there", async (t) => {
  const warned = t.mock.method(console, "warn", () => {});
  const { body } = render(SessionOnServer, { props: { session: sessionStore(null) } });
  assert.match(body, /<b>none<\/b>/);
  const { client } = await signedIn();
  const element = place(t, body);
  const server = element.querySelector("b");
  const app = hydrate(Session, { target: element, props: { session: sessionStore(Promise.resolve(client)) } });
  assert.equal(element.textContent, "none");
  await afterMicrotasks();
  flushSync();
  assert.equal(element.textContent, "jwt-1");
  assert.equal(element.querySelector("b"), server);
  assert.deepEqual(warned.mock.calls, []);
  await unmount(app);
});
