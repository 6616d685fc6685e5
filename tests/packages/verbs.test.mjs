// @ts-check
// The control client: every method, on a server and on one instance of it.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { until } from "../browser/until.mjs";
import { client, mockServer } from "./shipped.mjs";
import { newUser, serviceOf, statusOf, withInstances } from "./with-instances.mjs";

const create = { method: "POST", path: "/v1/Registration/Create" };
const renewal = { method: "POST", path: "/v1/Auth/RefreshToken" };
const day = 86_400_000;

const test = withInstances();

test("a server is healthy and names its version", async ({ server }) => {
  const { status, version } = await server.health();
  assert.equal(status, "ok");
  assert.match(version, /^\d+\.\d+\.\d+/);
});

test("an instance has the requested name, product and settings", async ({ server, mine, yours }) => {
  const ubi = await server.createInstance({ name: "Fleet", products: ["UBI"], settings: { loginTokenSeconds: 30 } });
  assert.equal(ubi.url, server.url);
  assert.equal(ubi.instance.name, "Fleet");
  assert.match(ubi.instance.applicationId, /^[0-9a-f-]{36}$/);
  assert.match(ubi.admin.email, /@/);
  assert.ok(ubi.admin.password.length > 0);
  assert.equal((await ubi.settings()).loginTokenSeconds, 30);
  assert.notEqual(mine.instance.instanceId, yours.instance.instanceId);
});

test("the clock advances, is set, is frozen and is reset", async ({ mine }) => {
  await newUser(mine);
  const start = await mine.clock.now();
  const moved = await mine.clock.advance("P6D");
  assert.ok(moved.now.getTime() - start.getTime() >= 6 * day);
  assert.deepEqual(moved.expired, { accessTokens: 1, refreshTokens: 0 });

  const frozen = await mine.clock.freeze();
  assert.equal(frozen.frozen, true);
  assert.deepEqual(await mine.clock.now(), frozen.now);

  const time = new Date("2031-05-06T07:08:09Z");
  assert.deepEqual((await mine.clock.set(time)).now, time);
  assert.deepEqual((await mine.clock.set("2032-05-06T07:08:09Z")).now, new Date("2032-05-06T07:08:09Z"));

  const reset = await mine.clock.reset();
  assert.equal(reset.frozen, false);
  assert.ok(reset.now.getTime() - start.getTime() < day);
  assert.equal((await mine.clock.read()).frozen, false);
});

test("users are added in a requested state, listed, read, changed and removed", async ({ server, mine }) => {
  const ada = await mine.users.add({ refreshToken: "used", accessToken: { expiresIn: "15m" }, profile: { firstName: "Ada" } });
  assert.ok(ada.accessToken && ada.refreshToken);
  assert.equal(ada.expiresIn, 900);
  assert.equal(await statusOf(mine, ada.accessToken), 200);
  assert.deepEqual((await mine.tokens(ada.deviceToken)).generations.map(({ state }) => state), ["used", "live"]);
  const { deviceToken, accessToken, refreshToken } = ada;
  await assert.rejects(client.refresh(serviceOf(mine), { accessToken, refreshToken }), { status: 401 });

  const fleet = await mine.users.add({ count: 3, accessToken: "none", refreshToken: "none", clientId: "fleet" });
  assert.deepEqual(fleet.map((user) => user.accessToken), [null, null, null]);
  const { users, total } = await mine.users.list({ search: "FLEET", pageSize: 2 });
  assert.deepEqual([users.length, total, users[0]?.clientId, users[0]?.refreshToken], [2, 3, "fleet", null]);
  assert.deepEqual((await mine.users.list({ state: "deleted" })).users, []);

  assert.equal(await mine.users.change(deviceToken, { state: "deactivated" }), undefined);
  assert.equal((await mine.users.get(deviceToken)).state, "deactivated");
  const renewed = await mine.users.change(deviceToken, { state: "active", refreshToken: "live" });
  assert.equal(await statusOf(mine, renewed?.accessToken ?? ""), 200);
  await mine.users.remove(deviceToken);
  await assert.rejects(mine.users.get(deviceToken), { status: 404 });
  await assert.rejects(mine.users.add({ profile: { birthday: "soon" } }), { status: 400, field: "profile.birthday" });
  assert.ok((await server.users.add()).refreshToken);
});

test("a token is minted with requested claims, and the published key verifies its signature", async ({ mine }) => {
  const { deviceToken } = await mine.users.add();
  const { keys } = await mine.keys();
  const secret = Buffer.from(keys[0]?.k ?? "", "base64url");
  /** @param {string} token */
  const isSigned = (token) => {
    const [header, claims, signature] = token.split(".");
    return createHmac("sha256", secret).update(`${header}.${claims}`).digest("base64url") === signature;
  };
  const good = await mine.mint({ deviceToken, claims: { role: "driver" }, drop: ["CompanyId"] });
  assert.ok(isSigned(good));
  const claims = JSON.parse(Buffer.from(good.split(".")[1] ?? "", "base64url").toString());
  assert.deepEqual([claims.role, claims.CompanyId], ["driver", undefined]);
  assert.equal(await statusOf(mine, good), 200);
  assert.equal(await statusOf(mine, await mine.mint({ deviceToken, expiresIn: -60 })), 401);
  assert.ok(!isSigned(await mine.mint({ deviceToken, signature: "wrong-key" })));
});

test("instances are listed and removed", async ({ server, mine }) => {
  const { instanceId, name } = mine.instance;
  const found = (await server.instances()).find((instance) => instance.instanceId === instanceId);
  assert.deepEqual(found, { instanceId, name, products: [], users: 0 });
  await server.removeInstance(instanceId);
  await assert.rejects(mine.settings(), { status: 404 });
  await assert.rejects(server.removeInstance(instanceId), { status: 404 });
});

test("tokens expire on request, and their tree shows the state of each generation", async ({ mine }) => {
  const user = await newUser(mine);
  assert.equal(await statusOf(mine, user.accessToken), 200);
  await mine.expire(user.deviceToken, "access");
  assert.equal(await statusOf(mine, user.accessToken), 401);

  await client.refresh(serviceOf(mine), user);
  await mine.expire(user.deviceToken, "refresh");
  const { deviceToken, instanceId, generations } = await mine.tokens(user.deviceToken);
  assert.deepEqual({ deviceToken, instanceId }, { deviceToken: user.deviceToken, instanceId: mine.instance.instanceId });
  assert.deepEqual(generations.map(({ generation, parent, state }) => [generation, parent?.generation, state]), [
    [1, undefined, "used"],
    [2, 1, "expired"],
  ]);
  await mine.expire(user.deviceToken, "all");
});

test("the journal is filtered, contains no secret and is emptied", async ({ mine }) => {
  const user = await newUser(mine);
  await client.refresh(serviceOf(mine), user);
  const all = await mine.requests();
  assert.deepEqual(all.map(({ path, status }) => [path, status]), [[create.path, 200], [renewal.path, 200]]);
  assert.ok(!JSON.stringify(all).includes(user.refreshToken));
  assert.deepEqual(await mine.requests({ path: "*refreshtoken", status: 200 }), [all[1]]);
  assert.deepEqual(await mine.requests({ since: all[0]?.number }), [all[1]]);
  assert.deepEqual(await mine.requests({ limit: 1 }), [all[1]]);
  assert.equal((await mine.requests({ deviceToken: user.deviceToken })).length, 2);
  assert.deepEqual(await mine.requests({ method: "DELETE" }), []);
  await mine.clearRequests();
  assert.deepEqual(await mine.requests(), []);
});

test("a verification that succeeds resolves to the number of matching requests", async ({ mine }) => {
  await newUser(mine);
  await newUser(mine);
  assert.equal(await mine.verify(create, { exactly: 2 }), 2);
  assert.equal(await mine.verify({}, { atLeast: 1 }), 2);
  assert.equal(await mine.verify(renewal, { atMost: 0 }), 0);
});

test("a verification that finds too few requests lists the nearest misses", async ({ mine }) => {
  const { deviceToken } = await newUser(mine);
  const failed = mine.verify({ ...create, status: 400, deviceToken }, { atLeast: 1 });
  await assert.rejects(failed, (error) => {
    assert.ok(error instanceof mockServer.MockServerError);
    assert.match(error.message, /^expected at least 1, but there were 0 of \{"method":"POST",.*\}; nearest:\n {2}#\d+ POST \/v1\/Registration\/Create 200: status is 200 and not 400$/);
    assert.deepEqual([error.status, error.reason], [409, "expected at least 1, but there were 0"]);
    return true;
  });
});

test("a verification that finds too many requests lists the last of them", async ({ mine, yours }) => {
  await newUser(mine);
  await assert.rejects(mine.verify(create, { exactly: 0 }), /^MockServerError: expected exactly 0, but there were 1 of .*; the last:\n {2}#\d+ POST \/v1\/Registration\/Create 200$/);
  await assert.rejects(mine.verify({}, { atMost: 0 }), /the last:/);
  await assert.rejects(yours.verify({}, { atLeast: 1 }), /but there were 0 of \{\}$/);
});

test("a request is found by header, body and hint, page by page", async ({ mine }) => {
  await client.register(serviceOf(mine), { firstName: "Ada" });
  await client.register(serviceOf(mine), { firstName: "Bob" });
  const [ada, bob] = await mine.requests();
  assert.ok(ada?.headers.includes("instanceid"));
  assert.deepEqual(await mine.requests({ body: { "/firstname": "B*" } }), [bob]);
  assert.deepEqual(await mine.requests({ headers: { InstanceId: false } }), []);
  assert.deepEqual(await mine.requests({ hint: true }), []);
  assert.deepEqual(await mine.requests({ first: 1 }), [ada]);
  assert.deepEqual(await mine.requests({ before: bob?.number ?? 0 }), [ada]);
  assert.equal(await mine.verify({ headers: { InstanceId: true }, body: { "/FirstName": "Ada" } }, { exactly: 1 }), 1);
});

test("a verification and a sequence are waited for", async ({ mine }) => {
  const verified = mine.verify(create, { exactly: 1, within: "30s" });
  const inOrder = mine.verifySequence([create, { method: "POST", path: "*RefreshToken" }], { within: "30s" });
  const user = await newUser(mine);
  assert.equal(await verified, 1);
  await client.refresh(serviceOf(mine), user);
  assert.equal((await inOrder).length, 2);
  await assert.rejects(mine.verifySequence([renewal, create]), /^MockServerError: expected sequence\[1\], but no request after #\d+ meets it: \{"method":"POST","path":"\/v1\/Registration\/Create"\}$/);
  await assert.rejects(mine.verify({ path: "/v1/Registration/Creat" }, { exactly: 0 }), { status: 400, field: "match.path" });
});

test("a request is waited for, and the wait ends with its signal or its time", async ({ mine }) => {
  const waiting = mine.waitForRequest(create, { within: "30s" });
  await newUser(mine);
  const entry = await waiting;
  assert.deepEqual([entry.path, entry.status], [create.path, 200]);
  await assert.rejects(mine.waitForRequest(create, { since: entry.number, within: "1ms" }), /^MockServerError: expected at least 1, but there were 0 of/);
  await assert.rejects(mine.waitForRequest({ ...create, status: 500 }, { within: "1ms" }), /nearest:\n.*status is 200 and not 500/);
  const stop = new AbortController();
  const stopped = mine.waitForRequest(renewal, { signal: stop.signal });
  stop.abort(new Error("enough"));
  await assert.rejects(stopped, /enough/);
});

test("a fault holds a response until it is released", async ({ mine }) => {
  const id = await mine.faults.add({ match: create, after: 1, times: 1, then: { hold: "response", responseDelayMs: 1 } });
  await newUser(mine);
  const held = newUser(mine);
  await until("the fault holds the response", async () => (await mine.faults.list())[0]?.held === 1);
  assert.equal(await mine.faults.release(id), 1);
  await held;
});

test("a fault replaces a response after the call, changes it, or answers like a gateway", async ({ mine }) => {
  await mine.faults.add({ match: create, times: 1, then: { commitThen: { status: 502, body: "Bad Gateway", headers: { Via: "gateway" } } } });
  await assert.rejects(newUser(mine), { status: 502 });
  await mine.faults.add({ match: create, times: 1, then: { patch: { Result: null } } });
  await assert.rejects(newUser(mine));
  await mine.faults.add({ match: create, times: 1, then: { preset: "rate-limited", headers: { "Retry-After": null } } });
  await assert.rejects(newUser(mine), { status: 429 });
  await newUser(mine);
});

test("a fault fires the given number of times, is listed and is removed", async ({ mine }) => {
  const id = await mine.faults.add({ match: create, times: 1, then: { status: 503, body: { busy: true } } });
  assert.deepEqual(await mine.faults.list(), [{
    id, instanceId: mine.instance.instanceId, match: create, after: 0, times: 1, probability: 1, then: { status: 503, body: { busy: true } },
    fired: 0, held: 0,
  }]);
  await assert.rejects(newUser(mine), { code: "service", status: 503 });
  await newUser(mine);

  const other = await mine.faults.add({ probability: 0.5, then: { delayMs: 1, jitterMs: 1, headers: { "X-Test": "1" } } });
  await mine.faults.remove(other);
  assert.deepEqual((await mine.faults.list()).map(({ id, times, fired }) => ({ id, times, fired })), [{ id, times: 0, fired: 1 }]);
  await mine.faults.add({ then: { reset: true } });
  await mine.faults.clear();
  assert.deepEqual(await mine.faults.list(), []);
  await newUser(mine);
});

test("a barrier releases two requests together, and is removed", async ({ mine }) => {
  await mine.barriers.add({ match: create, parties: 2, timeoutMs: 5_000 });
  const first = newUser(mine);
  await until("the barrier holds the first request", async () => (await mine.barriers.list())[0]?.waiting === 1);
  await Promise.all([first, newUser(mine)]);
  assert.deepEqual(await mine.barriers.list(), []);

  const id = await mine.barriers.add({ parties: 9 });
  await mine.barriers.remove(id);
  assert.deepEqual(await mine.barriers.list(), []);
  await mine.barriers.add({ parties: 9 });
  await mine.barriers.clear();
  assert.deepEqual(await mine.barriers.list(), []);
});

test("the outbox contains the password that was sent to a user", async ({ server }) => {
  const ubi = await server.createInstance({ products: ["UBI"] });
  await client.register(serviceOf(ubi), { email: "ada@example.com" });
  await client.register(serviceOf(ubi), { email: "bob@example.com" });
  assert.deepEqual((await ubi.outbox()).map(({ to }) => to), ["bob@example.com", "ada@example.com"]);
  const [message] = await ubi.outbox({ to: "ADA@example.com" });
  assert.ok(message);
  assert.deepEqual([message.to, message.channel], ["ada@example.com", "email"]);
  assert.ok(message.text.includes(message.password));
  await ubi.clearOutbox();
  assert.deepEqual(await ubi.outbox(), []);
});

test("settings are read and changed", async ({ mine }) => {
  const changed = await mine.configure({ rotation: "grace", graceSeconds: 7, refreshRejectedStatus: 400, deviceTokenSunset: "2030-01-01T00:00:00Z" });
  assert.deepEqual(await mine.settings(), changed);
  assert.equal(changed.graceSeconds, 7);
  assert.equal((await mine.configure({ deviceTokenSunset: null })).deviceTokenSunset, null);
});

test("snapshots of an instance and of the server are restored", async ({ server, mine, yours }) => {
  const user = await newUser(mine);
  const snapshot = await mine.snapshot();
  await mine.reset();
  assert.equal(await statusOf(mine, user.accessToken), 401);
  await mine.restore(snapshot);
  await assert.rejects(yours.restore(snapshot), { status: 400 });
  assert.equal(await statusOf(mine, user.accessToken), 200);

  const everything = await server.snapshot();
  await server.reset();
  await server.restore(everything);
  assert.equal(await statusOf(mine, user.accessToken), 200);
});

test("a refused call rejects with the server's sentence, its status and the field", async ({ mine }) => {
  await assert.rejects(mine.clock.advance("soon"), (error) => {
    assert.ok(error instanceof mockServer.MockServerError);
    const reason = "advance: 'soon' is not a valid duration; write it like 2s, 15m, 5d or P1DT2H";
    assert.equal(error.message, `POST /__mock/clock failed with status 400: ${reason}`);
    assert.equal(error.reason, reason);
    assert.deepEqual([error.status, error.field], [400, "advance"]);
    return true;
  });
  await assert.rejects(mine.tokens("11111111-1111-4111-8111-111111111112"), { status: 404 });
  await assert.rejects(mine.verify({ deviceToken: "me" }, { exactly: 1 }), { status: 400, field: "match.deviceToken" });
});

test("two instances do not affect each other", async ({ server, mine, yours }) => {
  const [me, you] = await Promise.all([newUser(mine), newUser(yours)]);
  const before = { settings: await yours.settings(), clock: await yours.clock.now() };

  await mine.clock.advance("P365D");
  await mine.configure({ loginTokenSeconds: 1, rotation: "off" });
  await mine.faults.add({ then: { status: 500 } });
  await mine.barriers.add({ parties: 2 });
  await mine.clearRequests();
  await assert.rejects(mine.expire(you.deviceToken, "all"), { status: 404 });
  await mine.reset();

  assert.equal(await statusOf(yours, you.accessToken), 200);
  assert.equal(await statusOf(mine, me.accessToken), 401);
  assert.deepEqual(await yours.settings(), before.settings);
  assert.ok((await yours.clock.now()).getTime() - before.clock.getTime() < day);
  assert.deepEqual([await yours.faults.list(), await yours.barriers.list()], [[], []]);
  await yours.verify(create, { exactly: 1 });
  await mine.verify(create, { exactly: 0 });
  // The server sees the requests of both.
  await server.verify(create, { exactly: 1 });
});
