// The HTTP libraries that apps use, each made of the line that the README of the package shows, with the client's `fetch`.
import assert from "node:assert/strict";
import { test } from "node:test";

import { code, signedIn } from "../../client-wasm/tests/fake-service.mjs";
import { sample } from "../browser/readme.mjs";
import { CancelledError, QueryClient } from "@tanstack/query-core";
import axios from "axios";
import ky from "ky";
import { createFetch } from "ofetch";
import createClient from "openapi-fetch";

const service = "https://user.telematicssdk.com";
const trip = { km: 12, to: "Zürich" };

const given = { axios, ky, createFetch, createClient, queryOptions: (options) => options };
const shown = await sample("## HTTP libraries", "js");
const names = ["withAxios", "withKy", "withOfetch", "withOpenapiFetch", "trips"];
const build = new Function("client", ...Object.keys(given), `${shown}; return { ${names} };`);

/** The libraries of the README, for a client with a signed-in user. */
async function libraries() {
  const { client, fetch } = await signedIn({ baseUrl: service });
  return { client, fetch, ...build(client, ...Object.values(given)) };
}

/** How each library sends a trip; resolves to the body of the response. */
const send = {
  axios: async ({ withAxios }) => (await withAxios.post(`${service}/api/trips`, trip)).data,
  ky: ({ withKy }) => withKy.post(`${service}/api/trips`, { json: trip }).json(),
  ofetch: ({ withOfetch }) => withOfetch(`${service}/api/trips`, { method: "POST", body: trip, responseType: "json" }),
  "openapi-fetch": async ({ withOpenapiFetch }) => (await withOpenapiFetch.POST("/api/trips", { body: trip })).data,
};

for (const [library, post] of Object.entries(send)) {
  test(`${library} sends a call again with its body after the access token has expired`, async () => {
    const { fetch, ...all } = await libraries();
    fetch.expire();
    assert.equal((await post(all)).Status, 200);
    const sent = fetch.sentTo("/api/trips").map(({ authorization, body }) => [authorization, JSON.parse(body)]);
    assert.deepEqual(sent, [["Bearer jwt-1", trip], ["Bearer jwt-3", trip]]);
  });

  test(`ten simultaneous calls of ${library} make one refresh`, async () => {
    const { fetch, ...all } = await libraries();
    fetch.expire();
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(all)));
    assert.ok(answers.every(({ Status }) => Status === 200));
    assert.equal(fetch.sentTo("RefreshToken").length, 1);
  });
}

/** How each library reads; rejects with the error that the app receives. */
const read = {
  axios: ({ withAxios }) => withAxios.get(`${service}/api/trips`),
  ky: ({ withKy }) => withKy.get(`${service}/api/trips`).json(),
  ofetch: ({ withOfetch }) => withOfetch(`${service}/api/trips`).catch(({ cause }) => Promise.reject(cause)),
  "openapi-fetch": ({ withOpenapiFetch }) => withOpenapiFetch.GET("/api/trips"),
  "TanStack Query": ({ trips }) => new QueryClient().fetchQuery(trips),
};

for (const [library, get] of Object.entries(read)) {
  test(`${library} reports the end of the session with the code of the client`, async () => {
    const { fetch, ...all } = await libraries();
    fetch.expire();
    fetch.dead = true;
    await assert.rejects(get(all), (error) => error.code === "session-expired");
    assert.equal(fetch.sentTo("/api/trips").length, 1);
  });
}

test("queries of TanStack Query share one refresh, and a cancelled query aborts its call", async () => {
  const { fetch, trips } = await libraries();
  const queries = new QueryClient();
  fetch.expire();
  const keys = Array.from({ length: 10 }, (_, index) => ["trips", index]);
  const answers = await Promise.all(keys.map((queryKey) => queries.fetchQuery({ ...trips, queryKey })));
  assert.deepEqual(answers.map(({ Status }) => Status), Array(10).fill(200));
  assert.equal(fetch.sentTo("RefreshToken").length, 1);

  let aborted;
  fetch.next = ({ signal }) => new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject((aborted = signal.reason)));
    void queries.cancelQueries();
  });
  await assert.rejects(queries.fetchQuery({ ...trips, queryKey: ["cancelled"] }), CancelledError);
  assert.ok(aborted);
});
