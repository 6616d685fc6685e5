// The Angular adapter in applications that Angular starts in a document.
import assert from "node:assert/strict";
import { test } from "node:test";

import { start } from "./angular-app.mjs";
import { afterMicrotasks, isDisposed, watched } from "./clients.mjs";
import { until } from "../browser/until.mjs";
import { LIFETIME, at, code, signedIn } from "../../client-wasm/tests/fake-service.mjs";
import { HttpHeaders } from "@angular/common/http";
import { firstValueFrom } from "rxjs";
import { sessionSignal, telematicsInterceptor } from "telematics-user-client/angular";

const apiOrigins = [at.baseUrl];
const trips = `${at.baseUrl}/api/trips`;

/** An application that calls the service of a signed-in client. */
async function calling(t, given = (client) => client) {
  const { client, fetch } = await signedIn();
  const { http } = await start(t, { fetch, interceptors: [telematicsInterceptor(given(client), { apiOrigins })] });
  const get = (url, options) => firstValueFrom(http.get(url, options));
  const sent = () => fetch.sentTo("/api/trips").map(({ authorization }) => authorization);
  return { client, fetch, http, get, sent };
}

test("a request carries the access token, also of a client that is still being created", async (t) => {
  for (const given of [(client) => client, (client) => Promise.resolve(client)]) {
    const { get, sent } = await calling(t, given);
    assert.equal((await get(trips)).Status, 200);
    assert.deepEqual(sent(), ["Bearer jwt-1"]);
  }
});

test("a rejected request is sent once more with a new access token, body included", async (t) => {
  for (const rejection of [401, 419]) {
    const { fetch, http } = await calling(t);
    fetch.rejection = rejection;
    fetch.expire();
    await firstValueFrom(http.post(trips, { km: 12 }));
    assert.deepEqual(fetch.sentTo("/api/trips"), [
      { pathname: "/api/trips", authorization: "Bearer jwt-1", body: '{"km":12}' },
      { pathname: "/api/trips", authorization: "Bearer jwt-3", body: '{"km":12}' },
    ]);
  }
});

test("ten simultaneous 401s make one refresh", async (t) => {
  const { fetch, get } = await calling(t);
  fetch.expire();
  await Promise.all(Array.from({ length: 10 }, () => get(trips)));
  assert.equal(fetch.sentTo("RefreshToken").length, 1);
  assert.equal(fetch.sentTo("/api/trips").length, 20);
});

test("a 401 that arrives after another request has renewed the token makes no refresh", async (t) => {
  const { client, fetch, get } = await calling(t);
  fetch.expire();
  let answerLate;
  fetch.next = (_, answer) => {
    fetch.next = undefined;
    return new Promise((resolve) => (answerLate = () => resolve(answer(401))));
  };
  const late = get(trips);
  await until("the request is pending", () => answerLate);
  await client.refresh();
  answerLate();
  await late;
  assert.equal(fetch.sentTo("RefreshToken").length, 1);
});

test("a second 401 and every other status reach the app as the response", async (t) => {
  const { fetch, get, sent } = await calling(t);
  for (const [status, attempts] of [[401, 2], [403, 1], [500, 1]]) {
    const before = sent().length;
    fetch.next = (request, answer) => (request.url === trips ? answer(status) : undefined);
    await assert.rejects(get(trips), { name: "HttpErrorResponse", status });
    assert.equal(sent().length - before, attempts);
  }
});

test("a failed renewal reaches the app as the error of the client", async (t) => {
  const { fetch, get } = await calling(t);
  fetch.expire();
  fetch.dead = true;
  await assert.rejects(get(trips), code("session-expired"));
});

test("the access token is sent to no other origin", async (t) => {
  const { fetch, get } = await calling(t);
  const count = fetch.seen.length;
  fetch.next = (_, answer) => answer(200);
  const others = ["https://evil.test/", "https://user.test.evil.test/", "http://user.test/", "https://user.test:8443/", "/relative"];
  for (const url of others) await get(url);
  assert.deepEqual(fetch.seen.slice(count).map(({ authorization }) => authorization), others.map(() => null));
});

test("a relative address belongs to the origin of the page", async (t) => {
  const { client, fetch } = await signedIn();
  const { http } = await start(t, { fetch, interceptors: [telematicsInterceptor(client, { apiOrigins: ["https://app.test"] })] });
  await firstValueFrom(http.get("/api/trips"));
  assert.equal(fetch.seen.at(-1).authorization, "Bearer jwt-1");
});

test("a request with its own Authorization header is sent unchanged", async (t) => {
  const { fetch, get, sent } = await calling(t);
  fetch.next = (_, answer) => answer(401);
  await assert.rejects(get(trips, { headers: new HttpHeaders({ authorization: "Basic abc" }) }), { status: 401 });
  assert.deepEqual(sent(), ["Basic abc"]);
});

test("without a signed-in user and without a client, requests carry no access token", async (t) => {
  const signedOut = await calling(t);
  await signedOut.client.signOut();
  await assert.rejects(signedOut.get(trips), { status: 401 });
  const without = await calling(t, () => null);
  await assert.rejects(without.get(trips), { status: 401 });
  assert.deepEqual([signedOut.sent(), without.sent()], [[null], [null]]);
});

test("a request of one user is never repeated as another user", async (t) => {
  const { client, fetch, get, sent } = await calling(t);
  const switchUser = async (answer) => {
    fetch.next = (_, answer) => answer(200, { DeviceToken: "other", AccessToken: { Token: "jwt-other", ExpiresIn: LIFETIME }, RefreshToken: "r" });
    await client.register();
    return answer(401);
  };
  fetch.next = (_, answer) => switchUser(answer);
  await assert.rejects(get(trips), { status: 401 });
  assert.equal(client.session.deviceToken, "other");
  assert.deepEqual(sent(), ["Bearer jwt-1"]);
});

test("a request is not repeated if it had no access token, or the session is no longer that of its access token", async (t) => {
  const { fetch } = await signedIn();
  fetch.next = (_, answer) => answer(401);
  let client;
  const { http } = await start(t, { fetch, interceptors: [(...args) => telematicsInterceptor(client, { apiOrigins })(...args)] });
  for (const [token, accessToken] of [["jwt-of-ada", "jwt-of-bob"], [null, null]]) {
    client = { getAccessToken: async () => token, refresh: assert.fail, session: { accessToken, deviceToken: "bob" } };
    const before = fetch.seen.length;
    await assert.rejects(firstValueFrom(http.get(trips)), { status: 401 });
    assert.equal(fetch.seen.length - before, 1);
  }
});

test("a subscriber who leaves aborts the wait for the access token, and no refresh", async (t) => {
  const { client, fetch, http, sent } = await calling(t);
  const refresh = t.mock.method(client, "refresh");
  fetch.expire();
  let answerRefresh;
  fetch.next = (request) => {
    if (!request.url.endsWith("RefreshToken")) return undefined;
    fetch.next = undefined;
    return new Promise((resolve) => (answerRefresh = () => resolve(fetch(request))));
  };
  const subscription = http.get(trips).subscribe(() => assert.fail("nobody listens"));
  await until("the refresh is pending", () => answerRefresh);
  subscription.unsubscribe();
  assert.ok(refresh.mock.calls[0].arguments[0].signal.aborted);
  const refreshed = client.refresh();
  answerRefresh();
  await refreshed;
  await afterMicrotasks();
  assert.deepEqual(sent(), ["Bearer jwt-1"]);
});

test("an error about apiOrigins names the option", () => {
  for (const options of [undefined, {}, { apiOrigins: ["/"] }, { apiOrigins: [at.baseUrl, "x"] }]) {
    assert.throws(() => telematicsInterceptor(null, options), /apiOrigins/);
  }
});

test("the page follows a refresh, a sign-out and a sign-in until the application is destroyed", async (t) => {
  const { client, fetch } = await signedIn();
  const { client: counted, listening } = watched(client);
  const { app, element } = await start(t, { fetch, session: () => sessionSignal(counted) });
  assert.equal(element.textContent, "jwt-1");
  for (const [change, shown] of [["refresh", "jwt-2"], ["signOut", "none"], ["register", "jwt-3"]]) {
    await client[change]();
    await app.whenStable();
    assert.equal(element.textContent, shown);
  }
  assert.equal(listening(), 1);
  app.destroy();
  assert.equal(listening(), 0);
  assert.equal(await isDisposed(client), false);
});

test("the signal of a promise has no session until the client is there", async (t) => {
  const { client, fetch } = await signedIn();
  let arrive;
  const { app, element } = await start(t, { fetch, session: () => sessionSignal(new Promise((resolve) => (arrive = resolve))) });
  assert.equal(element.textContent, "none");
  arrive(client);
  await afterMicrotasks();
  await app.whenStable();
  assert.equal(element.textContent, "jwt-1");
});
