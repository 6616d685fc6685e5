// The option `debug`: the steps of a client.
import assert from "node:assert/strict";
import { test } from "node:test";

import { UserServiceClient } from "../npm/index.js";
import { until } from "../../tests/browser/until.mjs";
import { at, code, fakeService, signedIn } from "./fake-service.mjs";
import { fakeLocks } from "./page.mjs";
import { sharedStorage } from "./storages.mjs";

const names = (steps) => steps.map(({ step }) => step);

test("the steps of a renewal are reported in order, each with the time, and the turn ends", async (t) => {
  let turns = 0;
  const request = async (name, options, granted) => ((turns += 1), await granted(), (turns -= 1));
  fakeLocks(t, { request });
  const steps = [];
  const { client } = await signedIn({ storage: sharedStorage(), debug: (step) => steps.push(step) });
  t.after(() => client.dispose());
  steps.length = 0;
  await client.refresh();
  await new Promise(setImmediate);
  const reported = steps.map(({ at, ...step }) => step);
  const call = { method: "POST", path: "/v1/Auth/RefreshToken" };
  assert.deepEqual(reported, [
    { step: "lock-wanted" },
    { step: "lock-acquired" },
    { step: "request-sent", ...call },
    { step: "response-received", ...call, status: 200 },
    { step: "session-changed", kind: "refreshed", origin: "this-tab" },
    { step: "lock-released" },
  ]);
  await until("the lock is released", () => turns === 0);
  for (const [index, step] of steps.entries()) {
    assert.ok(Object.isFrozen(step));
    assert.ok(step.at >= (steps[index - 1]?.at ?? 0), String(step.at));
  }
});

test("a tab without a turn reports that, and still renews", async (t) => {
  const withoutLocks = { request: () => Promise.reject(new DOMException("denied", "SecurityError")) };
  for (const locks of [withoutLocks, undefined]) {
    fakeLocks(t, locks ?? null);
    const steps = [];
    const { client } = await signedIn({ storage: sharedStorage(), debug: (step) => steps.push(step) });
    steps.length = 0;
    await client.refresh();
    assert.deepEqual(names(steps), ["lock-wanted", "lock-missed", "request-sent", "response-received", "session-changed"]);
    client.dispose();
  }
});

test("a request without a response and a warning are reported", async (t) => {
  const steps = [];
  const storage = { ...sharedStorage(), save: () => Promise.reject(new DOMException("full", "QuotaExceededError")) };
  fakeLocks(t);
  const { client, fetch } = await signedIn({ storage, maxRetries: 0, debug: (step) => steps.push(step) });
  t.after(() => client.dispose());
  const warning = steps.find(({ step }) => step === "warning");
  assert.equal(warning.code, "storage");
  assert.match(warning.message, /could not be stored/);
  steps.length = 0;
  fetch.next = () => Promise.reject(new TypeError("offline"));
  await assert.rejects(client.profile(), code("network"));
  assert.deepEqual(names(steps), ["request-sent", "request-failed"]);
  assert.equal(steps[1].path, "/v1/Management/users");
});

test("no step contains a token, a key, a password, an invite code, a body or a query", async (t) => {
  fakeLocks(t);
  const steps = [];
  const debug = (step) => steps.push(step);
  const { client, fetch } = await signedIn({ storage: sharedStorage(), debug });
  t.after(() => client.dispose());
  await client.register({ firstName: "canary-name", password: "canary-password", instanceInviteCode: "canary-code" });
  await client.login({ email: "canary@mail", password: "canary-password" });
  await client.login({ deviceToken: "device" });
  await client.update({ newPassword: "canary-password" });
  await client.refresh();
  fetch.next = (request, answer) => answer(200, { InstanceName: "canary-instance", UserExists: true });
  await client.joinInstance("canary-code");
  await client.joinInstance("canary/code?");
  await client.userExists({ email: "canary@mail", clientId: "canary-client" });
  fetch.next = (request, answer) => answer(401);
  await assert.rejects(client.profile(), code("session-expired"));
  fetch.next = () => Promise.reject(new TypeError("canary-reason"));
  await assert.rejects(client.register({}), code("network"));
  const shown = JSON.stringify(steps);
  for (const secret of ["canary", "jwt-", "refresh-", "device", at.instanceKey, "?"]) assert.ok(!shown.includes(secret), shown);
  assert.equal(steps.filter(({ path }) => path === "/v1/Management/users/instances/change/…").length, 4);
  assert.ok(names(steps).includes("request-failed"));
});

test("an exception of the debug function is reported and disturbs no call", async (t) => {
  fakeLocks(t);
  const reported = [];
  globalThis.reportError = (thrown) => reported.push(thrown.message);
  t.after(() => delete globalThis.reportError);
  const debug = () => {
    throw new Error("in debug");
  };
  const { client } = await signedIn({ storage: sharedStorage(), debug });
  t.after(() => client.dispose());
  await client.refresh();
  assert.equal((await client.profile()).deviceToken, "device");
  assert.equal(client.session.accessToken, "jwt-2");
  assert.ok(reported.length > 5 && reported.every((message) => message === "in debug"), reported.join());
});

test("without a function of the app the steps of the global fetch are reported", async (t) => {
  const { fetch } = globalThis;
  t.after(() => (globalThis.fetch = fetch));
  globalThis.fetch = fakeService();
  const steps = [];
  const client = await UserServiceClient.create({ ...at, storage: "memory", debug: (step) => steps.push(step) });
  await client.register();
  assert.deepEqual(names(steps), ["request-sent", "response-received", "session-changed"]);
});
