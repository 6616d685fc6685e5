// The Vue adapter in apps that render into a document, and on a server.
import assert from "node:assert/strict";
import { test } from "node:test";

import { place } from "./dom.mjs";
import { afterMicrotasks, creator, isDisposed, watched } from "./clients.mjs";
import { signedIn } from "../../client-wasm/tests/fake-service.mjs";
import { TelematicsPlugin, useClient, useSession, useTelematics } from "telematics-user-client/vue";
import { createApp, createSSRApp, h, nextTick, reactive } from "vue";
import { renderToString } from "vue/server-renderer";

const Token = {
  setup() {
    const session = useSession();
    return () => h("b", session.value?.accessToken ?? "none");
  },
};

const Status = {
  setup() {
    const telematics = useTelematics();
    return () => {
      const { status, client, session, error } = telematics.value;
      return h("i", [status, client ? "client" : "", session?.accessToken, error?.message].join());
    };
  },
};

const App = { render: () => h("div", [h(Token), h(Status)]) };

/** Mounts an app with the plugin in the document. */
function mount(t, source, { component = App, create = createApp, html } = {}) {
  const app = create(component).use(TelematicsPlugin, source);
  const element = place(t, html);
  app.mount(element);
  return { app, element };
}

test("components follow a refresh, a sign-out and a sign-in", async (t) => {
  const { client } = await signedIn();
  const { app, element } = mount(t, { client });
  assert.equal(element.textContent, "jwt-1ready,client,jwt-1,");
  for (const [change, shown] of [["refresh", "jwt-2"], ["signOut", "none"], ["register", "jwt-3"]]) {
    await client[change]();
    await nextTick();
    assert.equal(element.querySelector("b").textContent, shown);
  }
  app.unmount();
  await afterMicrotasks();
  assert.equal(await isDisposed(client), false);
});

test("a change of the session before the app is mounted is shown", async (t) => {
  const { client } = await signedIn();
  const app = createApp(Token).use(TelematicsPlugin, { client });
  await client.refresh();
  const element = place(t);
  app.mount(element);
  assert.equal(element.textContent, "jwt-2");
});

test("an app creates one client, and disposes it after it was unmounted", async (t) => {
  const { create, created } = creator();
  const { app, element } = mount(t, { create });
  assert.equal(element.textContent, "noneloading,,,");
  const client = await created[0];
  await afterMicrotasks();
  assert.equal(element.textContent, "jwt-1ready,client,jwt-1,");
  app.unmount();
  await afterMicrotasks();
  assert.equal(created.length, 1);
  assert.equal(await isDisposed(client), true);
});

test("a failed creation is reported", async (t) => {
  const { element } = mount(t, { create: () => Promise.reject(new Error("offline")) });
  await afterMicrotasks();
  assert.equal(element.textContent, "nonefailed,,,offline");
});

test("an unmounted app listens to its client no longer", async (t) => {
  const { client, listening } = watched((await signedIn()).client);
  const { app } = mount(t, { client });
  assert.equal(listening(), 1);
  app.unmount();
  await afterMicrotasks();
  assert.equal(listening(), 0);
});

test("a client works inside of reactive state", async (t) => {
  const { client } = await signedIn();
  const Profile = {
    setup() {
      const kept = reactive({ client: useClient().value });
      return () => h("b", { id: String(kept.client === client) });
    },
  };
  const { element } = mount(t, { client }, { component: Profile });
  assert.ok(element.querySelector("#true"));
});

test("a page rendered on a server is hydrated without a difference", async (t) => {
  const { create, created } = creator();
  const warned = t.mock.method(console, "warn", () => {});
  const failed = t.mock.method(console, "error", () => {});
  const html = await renderToString(createSSRApp(App).use(TelematicsPlugin, { create }));
  assert.equal(html, "<div><b>none</b><i>loading,,,</i></div>");
  assert.equal(created.length, 0);
  const { app, element } = mount(t, { create }, { create: createSSRApp, html });
  const server = element.querySelector("b");
  await created[0];
  await afterMicrotasks();
  assert.equal(element.textContent, "jwt-1ready,client,jwt-1,");
  assert.equal(element.querySelector("b"), server);
  assert.deepEqual([warned.mock.calls, failed.mock.calls], [[], []]);
  app.unmount();
});

test("a composable in an app without the plugin throws an error that names the plugin", async (t) => {
  const app = createApp(Token);
  t.mock.method(console, "warn", () => {});
  assert.throws(() => app.mount(place(t)), /TelematicsPlugin/);
});
