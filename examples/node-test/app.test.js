// @ts-check
// Tests the session of an app with Node's own test runner. This file starts its own server.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { UserServiceClient } from "telematics-user-client";
import { startMockServer } from "telematics-mock/server";

const refresh = { method: "POST", path: "/v1/Auth/RefreshToken" };
const read = { method: "GET", path: "/v1/Management/users" };

/** @type {import("telematics-mock/server").MockServer} */
let server;
/** @type {import("telematics-mock/server").MockInstance} */
let mine;
/** @type {UserServiceClient} */
let client;

before(async () => {
  server = await startMockServer();
  mine = await server.createInstance({ name: "The app's tests" });
});

after(() => server.stop());

beforeEach(async () => {
  const { instanceId, instanceKey } = mine.instance;
  client = await UserServiceClient.create({ baseUrl: mine.url, instanceId, instanceKey, storage: "memory" });
});

afterEach(async () => {
  client.dispose();
  // The app has made no mistake in its requests.
  assert.deepEqual(await mine.advice(), []);
  await mine.reset();
});

test("after six days, three simultaneous calls share one renewal of the session", async () => {
  await client.register({ firstName: "Ada" });

  const { expired } = await mine.clock.advance("P6D");
  assert.equal(expired.accessTokens, 1);
  const users = await Promise.all([client.profile(), client.profile(), client.profile()]);

  assert.deepEqual(users.map((user) => user.userProfile.firstName), ["Ada", "Ada", "Ada"]);
  await mine.verify(refresh, { exactly: 1 });
});

test("a call to a busy service is repeated", async () => {
  await client.register();

  await mine.faults.add({ match: read, times: 1, then: { status: 503 } });
  await client.profile();

  await mine.verify({ ...read, status: 503 }, { exactly: 1 });
  await mine.verify({ ...read, status: 200 }, { exactly: 1 });
});

test("a lost answer to a refresh does not sign the user out", async () => {
  const { deviceToken } = await client.register();

  await mine.faults.add({ match: refresh, times: 1, then: { commitThenDrop: true } });
  await assert.rejects(client.refresh(), { code: "network" });
  await client.refresh();

  assert.equal(client.session?.deviceToken, deviceToken);
});
