// The session in a cookie, as a server that renders pages uses it: one client for each request.
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { UserServiceClient } from "../npm/index.js";
import { at, code, fakeService } from "./fake-service.mjs";

const secret = "a secret of the tests, for cookies";
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

/** The session in a cookie, as text. */
async function opened(cookie, options) {
  const { cookieSession } = await newProcess();
  return cookieSession({ get: () => cookie }, { secret, ...options }).storage.load();
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
    const client = await UserServiceClient.create({ ...at, ...from(cookies, { secret, fetch: service, ...options }) });
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
  assert.deepEqual(response.map(({ value, ...rest }) => rest), [{ name: "__Host-telematics-session", attributes }]);

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

test("a cookie that is not `Secure` has no name that requires it", async () => {
  const { open } = await app({ secure: false });
  const { client, response } = await open(undefined);
  await client.register();
  assert.deepEqual(response.map(({ name }) => name), ["telematics-session"]);
});

test("simultaneous requests with one cookie make one refresh, and each response gets the new cookie", async () => {
  const { open, service, signedIn } = await app();
  const cookie = await signedIn();
  service.expire();
  const requests = await Promise.all(Array.from({ length: 5 }, () => open(cookie)));
  await Promise.all(requests.map(({ client }) => client.profile()));

  assert.equal(renewals(service), 1);
  assert.equal(logins(service), 0);
  for (const { response } of requests) assert.match(await opened(response.at(-1)?.value), /jwt-3.*refresh-3/);
});

test("a request that arrives with the old cookie gets the new one without a refresh", async () => {
  const { open, service, signedIn } = await app();
  const old = await signedIn();
  service.expire();
  const first = await open(old);
  await first.client.profile();

  const late = await open(old);
  assert.match(await opened(late.cookie()), /jwt-3.*refresh-3/);
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
  for (const { cookie: written } of elsewhere) assert.match(await opened(written()), /jwt-5.*refresh-5/);
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

test("a renewed session that is saved after the sign-out of another request removes the cookie", async () => {
  const { signedIn } = await app();
  const cookie = await signedIn();
  const { cookieSession } = await newProcess();
  const request = () => {
    const written = [];
    return { written, ...cookieSession({ get: () => cookie, set: (_name, value) => written.push(value) }, { secret }) };
  };
  const [renewing, leaving] = [request(), request()];
  const session = await renewing.storage.load();
  await leaving.storage.remove();
  await renewing.storage.save("", session.replace("jwt-1", "jwt-2"));
  assert.deepEqual(renewing.written, [""]);
  assert.equal(await request().storage.load(), null);
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
  assert.match(await opened(again.cookie()), /jwt-2/);
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

test("a login is sent for each expiry, also within a minute and with one cookie", async () => {
  const { open, service, signedIn } = await app();
  const cookie = await signedIn();
  const { next } = service;
  service.next = (request, answer) => (request.url.endsWith("/RefreshToken") ? answer(401) : next(request, answer));
  for (const expiry of [1, 2, 3]) {
    service.expire();
    const { client } = await open(cookie);
    await client.profile();
    assert.equal(logins(service), expiry);
  }
});

test("requests with one cookie share no login by e-mail address", async () => {
  const { open, service, signedIn } = await app();
  const cookie = await signedIn();
  const requests = [await open(cookie), await open(cookie)];
  await Promise.all(requests.map(({ client }) => client.login({ email: "ada@example.com", password: "a password" })));
  assert.equal(logins(service), 2);
});

/** A service whose users have the device tokens `user-1`, `user-2` and so on. */
function withUsers(service) {
  let users = 0;
  const { next } = service;
  service.next = (request, answer) => {
    const { pathname, body } = service.seen.at(-1);
    const registered = pathname.endsWith("/Create") && `user-${(users += 1)}`;
    const DeviceToken = registered || (pathname.endsWith("/Login") && JSON.parse(body).LoginFields.Devicetoken);
    if (!DeviceToken) return next(request, answer);
    const number = service.seen.length;
    return answer(200, { DeviceToken, AccessToken: { Token: `jwt-${number}`, ExpiresIn: 60 }, RefreshToken: `refresh-${number}` });
  };
}

for (const [what, signInAsVictim] of [
  ["a registration", (client) => client.register()],
  ["a login", (client) => client.login({ deviceToken: "victim" })],
]) {
  test(`after ${what} with the cookie of another user, that cookie leads to neither of them`, async () => {
    const { open, service, signedIn } = await app();
    withUsers(service);
    const planted = await signedIn();
    const [victim, pending] = [await open(planted), await open(planted)];
    await signInAsVictim(victim.client);
    const session = await opened(victim.cookie());
    assert.doesNotMatch(session, /user-1/);
    assert.match(session, /user-2|victim/);

    const attacker = await open(planted);
    assert.equal(attacker.client.session, null);
    await assert.rejects(pending.client.refresh(), code("not-signed-in"));
    // A late response must not remove the cookie of the new session.
    for (const { response } of [attacker, pending]) assert.deepEqual(response, []);
    assert.equal((await open(planted)).client.session, null);
    assert.equal((await open(victim.cookie())).client.session.deviceToken, JSON.parse(session).Tokens.DeviceToken);
  });
}

test("a login of the same user keeps requests with the old cookie signed in", async () => {
  const { open, service, signedIn } = await app();
  withUsers(service);
  const old = await signedIn();
  const again = await open(old);
  await again.client.login({ deviceToken: "user-1" });
  const late = await open(old);
  assert.equal(await opened(late.cookie()), await opened(again.cookie()));
});

test("a cookie that no secret opens counts as no cookie and causes no call", async () => {
  const { open, service, signedIn } = await app();
  const cookie = await signedIn();
  const text = await opened(cookie);
  const changed = cookie.slice(0, -1) + (cookie.endsWith("A") ? "Q" : "A");
  const { cookieSession } = await newProcess();
  const foreign = (cookies, options) => cookieSession(cookies, { ...options, secret: "another secret of at least 32 characters" });
  const stranger = await open(undefined, { from: foreign });
  await stranger.client.register();
  const before = service.seen.length;
  for (const forged of [text, changed, stranger.cookie(), "planted", "ÿ %", cookie.slice(0, 10)]) {
    const { client, response } = await open(forged);
    assert.equal(client.session, null);
    await assert.rejects(client.profile(), code("not-signed-in"));
    assert.deepEqual(response, []);
  }
  assert.equal(service.seen.length, before);
  assert.equal(await opened(cookie, { name: "another" }), null);
});

test("the cookie contains no token that can be read", async () => {
  const { signedIn } = await app();
  const cookie = await signedIn();
  assert.match(cookie, /^[\w-]+$/);
  assert.doesNotMatch(Buffer.from(cookie, "base64url").toString("latin1"), /jwt|refresh|device/i);
});

test("each secret of a list opens a cookie, which is then sealed with the first one", async () => {
  const { open, signedIn } = await app();
  const cookie = await signedIn();
  const renewed = "the next secret of the tests, for cookies";
  const { cookieSession } = await newProcess();
  const from = (cookies, options) => cookieSession(cookies, { ...options, secret: [renewed, secret] });
  const { client, cookie: written } = await open(cookie, { from });
  assert.equal(client.session.accessToken, "jwt-1");
  assert.equal(await opened(written()), null);
  assert.equal(await opened(written(), { secret: renewed }), await opened(cookie));
  assert.deepEqual((await open(written(), { from })).response, []);
});

test("a missing or short secret is an error that does not contain it", async () => {
  const { cookieSession } = await newProcess();
  for (const wrong of [undefined, "", "short-secret", [], [secret, "short-secret"], 12]) {
    assert.throws(() => cookieSession({ get: () => null }, { secret: wrong }), (error) => {
      assert.equal(error.message, "secret must be a string of at least 32 characters, or a list of such strings.");
      return error instanceof TypeError;
    });
  }
  assert.throws(() => cookieSession({ get: () => null }), TypeError);
});

test("a `get` that returns an object is an error", async () => {
  const { cookieSession } = await newProcess();
  for (const wrong of [{ name: "a", value: "b" }, Promise.resolve("b"), 7]) {
    assert.throws(() => cookieSession({ get: () => wrong }, { secret }), /^TypeError: get must return the value of the cookie/);
  }
  for (const absent of [null, undefined, ""]) assert.equal(await opened(absent), null);
});

test("`fetch` of the options accepts an address and an init", async () => {
  const { cookieSession } = await newProcess();
  const sent = [];
  const fetch = async ({ method, url }) => (sent.push(`${method} ${url}`), new Response("answer"));
  const session = cookieSession({ get: () => null, set() {} }, { secret, fetch });
  for (const path of ["v1/Auth/Login", "v1/other"]) {
    const response = await session.fetch(`https://user.test/${path}`, { method: "POST", body: "{}" });
    assert.equal(await response.text(), "answer");
  }
  assert.deepEqual(sent, ["POST https://user.test/v1/Auth/Login", "POST https://user.test/v1/other"]);
});

test("at most 10 000 sessions are remembered, and the oldest are forgotten first", async () => {
  const { cookieSession } = await newProcess();
  const written = [];
  const request = (cookie) => cookieSession({ get: () => cookie, set: (_name, value) => written.push(value) }, { secret }).storage;
  const session = (user, turn) => JSON.stringify({ Tokens: { DeviceToken: `user-${user}`, turn } });
  const cookieOf = async (user) => (await request(undefined).save("", session(user, 1)), written.at(-1));
  const [first, second] = [await cookieOf("a"), await cookieOf("b")];
  for (const [cookie, user] of [[first, "a"], [second, "b"]]) await request(cookie).save("", session(user, 2));
  // The two sessions are remembered by two texts each.
  for (let user = 0; user < 9_998; user += 1) await request(undefined).save("", session(user, 1));
  assert.equal(await request(first).load(), session("a", 1));
  assert.equal(await request(second).load(), session("b", 2));
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
