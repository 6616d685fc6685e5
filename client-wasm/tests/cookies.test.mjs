// The session in a cookie, as a server that renders pages uses it: one client for each request.
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { UserServiceClient } from "../npm/index.js";
import { at, code, fakeService } from "./fake-service.mjs";

let processes = 0;

/** The cookie functions of a new process, which remembers no session. */
const newProcess = () => import(`../npm/cookies.js?process=${(processes += 1)}`);

/** A service that accepts each refresh token once. */
function rotatingService() {
  const fetch = fakeService();
  const used = new Set();
  fetch.next = (_, answer) => {
    const { pathname, body } = fetch.seen.at(-1);
    if (!pathname.endsWith("/RefreshToken")) return undefined;
    const { RefreshToken } = JSON.parse(body);
    if (used.has(RefreshToken)) return answer(401);
    used.add(RefreshToken);
    return undefined;
  };
  return fetch;
}

/** One server process and its service. `signedIn()` resolves to the cookie of a new user. */
async function app(options) {
  const [{ cookieSession }, service] = [await newProcess(), rotatingService()];
  const calls = { open, service, signedIn };
  return calls;

  /** A client for a request that arrives with this cookie; `response` collects the cookies of its response. */
  async function open(cookie, { from = cookieSession, canWrite = true } = {}) {
    const response = [];
    const set = (name, value, attributes) => response.push({ name, value, attributes });
    const cookies = { get: () => cookie, ...(canWrite && { set }) };
    const client = await UserServiceClient.create({ ...at, ...from(cookies, { fetch: service, ...options }) });
    return { client, response, cookie: () => response.at(-1)?.value ?? cookie };
  }

  async function signedIn() {
    const first = await open(undefined);
    await first.client.register();
    first.client.dispose();
    return first.cookie();
  }
}

const renewals = (service) => service.sentTo("/RefreshToken").length;
const logins = (service) => service.sentTo("/Login").length;

test("a registration writes one cookie, which restores the session", async () => {
  const { open } = await app();
  const { client, response, cookie } = await open(undefined);
  await client.register();
  const attributes = { httpOnly: true, secure: true, sameSite: "lax", path: "/", maxAge: 34_560_000 };
  assert.deepEqual(response.map(({ value, ...rest }) => rest), [{ name: "telematics-session", attributes }]);

  const next = await open(cookie());
  assert.equal(next.client.session.accessToken, "jwt-1");
  await next.client.profile();
  assert.deepEqual(next.response, []);
});

test("the options change the name of the cookie and `Secure`", async () => {
  const { open } = await app({ name: "mine", secure: false });
  const { client, response } = await open(undefined);
  await client.register();
  assert.deepEqual(response.map(({ name, attributes }) => [name, attributes.secure]), [["mine", false]]);
});

test("simultaneous requests with one cookie make one refresh, and each response gets the new cookie", async () => {
  const { open, service, signedIn } = await app();
  const cookie = await signedIn();
  service.expire();
  const requests = await Promise.all(Array.from({ length: 5 }, () => open(cookie)));
  await Promise.all(requests.map(({ client }) => client.profile()));

  assert.equal(renewals(service), 1);
  assert.equal(logins(service), 0);
  for (const { response } of requests) assert.match(response.at(-1)?.value, /jwt-3.*refresh-3/);
});

test("a request that arrives with the old cookie gets the new one without a refresh", async () => {
  const { open, service, signedIn } = await app();
  const old = await signedIn();
  service.expire();
  const first = await open(old);
  await first.client.profile();

  const late = await open(old);
  assert.equal(late.cookie(), first.cookie());
  await late.client.profile();
  assert.equal(renewals(service), 1);
});

test("the old cookie is forgotten after a minute without it, and the login with the device token keeps the user signed in", async (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  const { open, service, signedIn } = await app();
  const old = await signedIn();
  service.expire();
  await (await open(old)).client.profile();

  mock.timers.tick(60_000);
  const late = await open(old);
  assert.deepEqual(late.response, []);
  service.expire();
  await late.client.profile();
  assert.deepEqual([renewals(service), logins(service)], [2, 1]);
});

test("a second process that uses the same refresh token logs in with the device token", async () => {
  const { open, service, signedIn } = await app();
  const cookie = await signedIn();
  service.expire();
  await (await open(cookie)).client.profile();
  service.expire();

  const { cookieSession: from } = await newProcess();
  const elsewhere = await Promise.all([open(cookie, { from }), open(cookie, { from })]);
  await Promise.all(elsewhere.map(({ client }) => client.profile()));
  assert.deepEqual([renewals(service), logins(service)], [2, 1]);
  for (const { cookie: written } of elsewhere) assert.match(written(), /jwt-5.*refresh-5/);
});

test("a request that renews during a sign-out removes the cookie", async () => {
  const { open, service, signedIn } = await app();
  const cookie = await signedIn();
  service.expire();
  const [renewing, leaving] = [await open(cookie), await open(cookie)];
  let arrived;
  const sent = new Promise((resolve) => (arrived = resolve));
  const { next } = service;
  let release;
  const held = new Promise((resolve) => (release = resolve));
  service.next = (request, answer) => {
    if (!request.url.endsWith("/RefreshToken")) return next(request, answer);
    arrived();
    return held.then(() => answer(200, { AccessToken: { Token: "jwt-9", ExpiresIn: 60 }, RefreshToken: "refresh-9" }));
  };
  const call = assert.rejects(renewing.client.profile(), code("not-signed-in"));
  await sent;
  await leaving.client.signOut();
  release();
  await call;
  for (const { response } of [renewing, leaving]) {
    assert.deepEqual(response.map(({ value, attributes }) => [value, attributes.maxAge]), [["", 0]]);
  }
  assert.equal((await open(cookie)).client.session, null);
});

test("a sign-out with the new cookie ends requests with the old one", async () => {
  const { open, service, signedIn } = await app();
  const old = await signedIn();
  service.expire();
  const renewing = await open(old);
  await renewing.client.profile();
  await (await open(renewing.cookie())).client.signOut();
  assert.equal((await open(old)).client.session, null);
});

test("visitors without a cookie share no login", async () => {
  const { open, service } = await app();
  const visitors = [await open(undefined), await open(undefined)];
  for (const { client } of visitors) await client.login({ deviceToken: "device" });
  assert.equal(logins(service), 2);
});

test("after a sign-out the old cookie signs nobody in, and a new registration writes a new cookie", async () => {
  const { open, signedIn } = await app();
  const cookie = await signedIn();
  const { cookieSession: from } = await newProcess();
  await (await open(cookie, { from })).client.signOut();
  const again = await open(cookie, { from });
  assert.equal(again.client.session, null);
  await again.client.register();
  assert.match(again.cookie(), /jwt-2/);
});

test("a request that cannot write cookies reads the session and never renews it", async () => {
  const { open, service, signedIn } = await app();
  const cookie = await signedIn();
  const { client } = await open(cookie, { canWrite: false });
  await client.profile();
  service.expire();
  await assert.rejects(client.profile(), code("network"));
  assert.deepEqual([renewals(service), logins(service)], [0, 0]);
  assert.equal(client.session.accessToken, "jwt-1");
});

test("a refresh that failed is sent again", async () => {
  const { open, service, signedIn } = await app();
  const cookie = await signedIn();
  service.expire();
  const { next } = service;
  for (const failure of [(answer) => answer(503), () => Promise.reject(new TypeError("the network is down"))]) {
    service.next = (request, answer) => (request.url.endsWith("/RefreshToken") ? failure(answer) : next(request, answer));
    const { client } = await open(cookie);
    await assert.rejects(client.profile(), (error) => ["service", "network"].includes(error.code));
  }
  service.next = next;
  await (await open(cookie)).client.profile();
  assert.equal(renewals(service), 3);
  assert.equal(logins(service), 0);
});

test("a session too large for a cookie causes a warning and no cookie", async () => {
  const { open, service } = await app();
  service.next = (_, answer) =>
    answer(200, { DeviceToken: "device", AccessToken: { Token: "j".repeat(4096), ExpiresIn: 60 }, RefreshToken: "refresh" });
  const { client, response } = await open(undefined);
  const warnings = [];
  client.onWarning(({ code }) => warnings.push(code));
  await client.register();
  assert.deepEqual(response, []);
  assert.deepEqual(warnings, ["storage"]);
});
