// The React adapter under React's own renderer, in StrictMode.
import assert from "node:assert/strict";
import { test } from "node:test";

import { place } from "./dom.mjs";
import { creator, isDisposed, watched } from "./clients.mjs";
import { signedIn } from "../../client-wasm/tests/fake-service.mjs";
import { Activity, StrictMode, act, createElement, useLayoutEffect } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { TelematicsProvider, useClient, useSession, useTelematics } from "telematics-user-client/react";

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const Token = () => createElement("b", null, useSession()?.accessToken ?? "none");
const Status = () => {
  const { status, client, session, error } = useTelematics();
  return createElement("i", null, [status, client ? "client" : "", session?.accessToken, error?.message].join());
};

const provide = (props, ...children) =>
  createElement(StrictMode, null, createElement(TelematicsProvider, props, ...children.map((child) => createElement(child))));

/** Renders an app into the document. `show` renders another one in its place. */
async function mount(t, app) {
  const element = place(t);
  const root = createRoot(element);
  const show = (next) => act(async () => root.render(next));
  const unmount = () => act(async () => root.unmount());
  t.after(unmount);
  await show(app);
  return { element, show, unmount };
}

test("components render again after a refresh, a sign-out and a sign-in", async (t) => {
  const { client } = await signedIn();
  const { element } = await mount(t, provide({ client }, Token, Token));
  assert.equal(element.textContent, "jwt-1jwt-1");
  await act(() => client.refresh());
  assert.equal(element.textContent, "jwt-2jwt-2");
  await act(() => client.signOut());
  assert.equal(element.textContent, "nonenone");
  await act(() => client.register());
  assert.equal(element.textContent, "jwt-3jwt-3");
});

test("a client that is given later replaces null, and is not disposed at the end", async (t) => {
  const { client } = await signedIn();
  const { element, show, unmount } = await mount(t, provide({ client: null }, Status));
  assert.equal(element.textContent, "loading,,,");
  await show(provide({ client }, Status));
  assert.equal(element.textContent, "ready,client,jwt-1,");
  await unmount();
  assert.equal(await isDisposed(client), false);
});

test("a change of the session before the first effect is shown", async (t) => {
  const client = { session: null, onSessionChange: () => () => {} };
  // React calls this after rendering and before the effect that listens to the client.
  const Changes = () => useLayoutEffect(() => void (client.session = { accessToken: "early" }));
  const { element } = await mount(t, provide({ client }, Token, Changes));
  assert.equal(element.textContent, "early");
});

test("StrictMode creates one client, which stays until the provider is unmounted", async (t) => {
  const { create, created } = creator();
  const { element, show, unmount } = await mount(t, provide({ create }, Status));
  await act(() => created[0]);
  assert.equal(element.textContent, "ready,client,jwt-1,");
  // An app usually passes another function at every render.
  await show(provide({ create: () => create() }, Status, Token));
  // A client that no component uses stays.
  await show(provide({ create }));
  assert.equal(created.length, 1);
  assert.equal(await isDisposed(await created[0]), false);
  await unmount();
  assert.equal(created.length, 1);
  assert.equal(await isDisposed(await created[0]), true);
});

test("a client that is created after the provider was unmounted is disposed", async (t) => {
  const { client } = await signedIn();
  let arrive;
  const { element, unmount } = await mount(t, provide({ create: () => new Promise((resolve) => (arrive = resolve)) }, Status));
  assert.equal(element.textContent, "loading,,,");
  await unmount();
  assert.equal(await isDisposed(client), false);
  await act(async () => arrive(client));
  assert.equal(await isDisposed(client), true);
});

test("a provider that React hides ends its client, and creates another one when it is shown again", async (t) => {
  const { client } = await signedIn();
  const calls = [];
  const create = () => new Promise((resolve, reject) => calls.push({ resolve, reject }));
  const shown = (mode) => createElement(Activity, { mode }, provide({ create }, Status));
  const { element, show } = await mount(t, shown("visible"));
  await show(shown("hidden"));
  await show(shown("visible"));
  await act(async () => calls[0].reject(new Error("too late")));
  assert.equal(element.textContent, "loading,,,");
  await act(async () => calls[1].resolve(client));
  assert.equal(element.textContent, "ready,client,jwt-1,");
  await show(shown("hidden"));
  assert.equal(await isDisposed(client), true);
  await show(shown("visible"));
  assert.equal(element.textContent, "loading,,,");
  assert.equal(calls.length, 3);
});

test("a failed creation is reported, and another key tries again", async (t) => {
  const { create, created } = creator();
  for (const fails of [() => Promise.reject(new Error("offline")), () => assert.fail("offline")]) {
    const { element, show } = await mount(t, provide({ create: fails }, Status));
    assert.equal(element.textContent, "failed,,,offline");
    await show(provide({ create, key: "second" }, Status));
    await act(() => created.at(-1));
    assert.equal(element.textContent, "ready,client,jwt-1,");
  }
});

test("a component that only uses the client does not render again when the session changes", async (t) => {
  const { client } = await signedIn();
  const seen = [];
  const Seen = () => {
    seen.push(useClient());
    return null;
  };
  await mount(t, provide({ client }, Seen));
  const { length } = seen;
  await act(() => client.refresh());
  assert.ok(seen.every((value) => value === client));
  assert.equal(seen.length, length);
});

test("an unmounted provider listens to its client no longer", async (t) => {
  const { client, listening } = watched((await signedIn()).client);
  const { unmount } = await mount(t, provide({ client }, Token, Status));
  assert.equal(listening(), 1);
  await unmount();
  assert.equal(listening(), 0);
});

test("a page rendered on a server is hydrated without a difference", async (t) => {
  const { create, created } = creator();
  const { client } = await signedIn();
  const logged = t.mock.method(console, "error", () => {});
  for (const props of [{ client }, { create }]) {
    const html = renderToString(provide(props, Token, Status));
    assert.equal(html, "<b>none</b><i>loading,,,</i>");
    assert.equal(created.length, 0);
    const element = place(t, html);
    const server = element.firstChild;
    const different = [];
    const root = await act(async () => hydrateRoot(element, provide(props, Token, Status), { onRecoverableError: (error) => different.push(error) }));
    await act(() => created[0]);
    assert.equal(element.textContent, "jwt-1ready,client,jwt-1,");
    assert.equal(element.firstChild, server);
    assert.deepEqual(different, []);
    await act(async () => root.unmount());
  }
  assert.deepEqual(logged.mock.calls, []);
});

test("a hook outside of a provider throws an error that names the provider", () => {
  assert.throws(() => renderToString(createElement(Token)), /TelematicsProvider/);
});
