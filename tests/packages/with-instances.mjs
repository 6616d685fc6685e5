// @ts-check
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { client, mockServer } from "./shipped.mjs";

/**
 * @typedef {import("telematics-mock/server").MockServer} MockServer
 * @typedef {import("telematics-mock/server").MockInstance} MockInstance
 *
 * @typedef {object} Fixture
 * @property {MockServer} server all tests of the file share it
 * @property {MockInstance} mine a fresh instance
 * @property {MockInstance} yours another fresh instance
 * @property {import("node:test").TestContext} t
 */

/**
 * Returns a `test` function for one test file. The file shares a mock server, which is reset after each test; each test gets two
 * fresh instances.
 *
 * @returns {(name: string, body: (fixture: Fixture) => Promise<void>) => void}
 */
export function withInstances() {
  /** @type {MockServer} */
  let server;

  before(async () => {
    server = await mockServer.startMockServer({ seed: 1 });
  });

  after(() => server.stop());

  return (name, body) =>
    void test(name, { timeout: 30_000 }, async (t) => {
      t.after(() => server.reset());
      const [mine, yours] = await Promise.all([server.createInstance(), server.createInstance()]);
      await body({ server, mine, yours, t });
    });
}

/** The options with which users register into an instance. @param {MockInstance} instance */
export function serviceOf({ url, instance: { instanceId, instanceKey } }) {
  return { baseUrl: url, instanceId, instanceKey };
}

/** Registers a user and returns the tokens. @param {MockInstance} instance */
export async function newUser(instance) {
  const { deviceToken, accessToken, refreshToken } = await client.register(serviceOf(instance), { firstName: "Ada" });
  assert.ok(accessToken && refreshToken);
  return { deviceToken, accessToken, refreshToken };
}

/** The status with which an access token reads the user's record. @param {MockInstance} instance @param {string} accessToken */
export async function statusOf({ url }, accessToken) {
  return (await fetch(`${url}/v1/Management/users`, { headers: { Authorization: `Bearer ${accessToken}` } })).status;
}
