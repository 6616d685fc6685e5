// The samples of the README for frameworks, bundled and rendered unchanged.
import assert from "node:assert/strict";
import { test } from "node:test";

import { place } from "./dom.mjs";
import "@angular/compiler";
import { load } from "./bundle.mjs";
import { creator } from "./clients.mjs";
import { next } from "./sample-client.mjs";
import { sample } from "../browser/readme.mjs";
import { until } from "../browser/until.mjs";

const section = "## React, Vue, Svelte, Angular";
const replaced = { "./client.js": import.meta.resolve("./sample-client.mjs") };

/** What starts the sample of each framework in an element of the document. */
const start = {
  async React(element) {
    const main = 'export { App } from "./App.jsx"; export { createElement } from "react"; export { createRoot } from "react-dom/client";';
    const { App, createElement, createRoot } = await load({ "main.js": main, "App.jsx": await sample(section, "jsx") }, { replaced });
    createRoot(element).render(createElement(App));
  },
  async Vue(element) {
    element.id = "app";
    await load({ "main.js": await sample("Vue: the plugin", "js"), "App.vue": await sample(section, "vue") }, { replaced });
  },
  async Svelte(element) {
    const main = 'export { default as App } from "./App.svelte"; export { mount } from "svelte";';
    const { App, mount } = await load({ "main.js": main, "App.svelte": await sample(section, "svelte") }, { replaced });
    mount(App, { target: element });
  },
};

const shows = (element, text) => until(`the page shows "${text}"`, () => element.textContent.trim() === text);

for (const [framework, begin] of Object.entries(start)) {
  test(`the sample for ${framework} shows a session and signs the user out`, async (t) => {
    const { create, created } = creator();
    next.create = create;
    const element = place(t);
    await begin(element);
    await shows(element, "Sign out");
    element.querySelector("button").click();
    await shows(element, "Signed out");
    assert.equal(created.length, 1);
    assert.equal((await created[0]).session, null);
  });

  test(`the sample for ${framework} shows that the client is loading, and why it failed`, async (t) => {
    let fail;
    next.create = () => new Promise((_, reject) => (fail = reject));
    const element = place(t);
    await begin(element);
    await shows(element, "One moment");
    fail(new Error("The client is offline."));
    await shows(element, "The client is offline.");
  });
}

test("the sample for Angular follows the session", async (t) => {
  const { create, created } = creator();
  next.create = create;
  const element = place(t, "<app-root></app-root>");
  await load({ "main.ts": await sample(section, "ts") }, { replaced });
  await shows(element, "Signed in");
  await (await created[0]).signOut();
  await shows(element, "Signed out");
});
