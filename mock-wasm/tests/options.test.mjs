// @ts-check
// The options of `createMock`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MockServerError, createMock } from "../npm/index.js";

/** @import { InProcessMock, MockOptions } from "../npm/index.d.ts" */

const instance = { id: "77777777-7777-4777-8777-777777777777", key: "88888888-8888-4888-8888-888888888888", inviteCode: "MINE" };

/** Makes a mock for one use. @template T @param {MockOptions} options @param {(mock: InProcessMock) => Promise<T>} use */
async function using(options, use) {
  const mock = await createMock(options);
  try {
    return await use(mock);
  } finally {
    mock.free();
  }
}

const mistakes = /** @type {[unknown, string][]} */ ([
  [null, "the options must be an object"],
  ["seed", "the options must be an object"],
  [{ sed: 1 }, "sed is unknown; the known fields are url, seed, clock, settings, journalSize, instances, admins, users"],
  [{ seed: -1 }, "seed must be a whole number of 0 or more"],
  [{ seed: 1.5 }, "seed must be a whole number of 0 or more"],
  [{ seed: "1" }, "seed must be a whole number of 0 or more"],
  [{ seed: 2n ** 64n }, "an option has a value that JSON does not have, such as a function, or a number of more than 64 bits"],
  [{ settings: { rotation: () => {} } }, "an option has a value that JSON does not have, such as a function, or a number of more than 64 bits"],
  [{ clock: "soon" }, "clock 'soon' is not a valid time; write it like 2021-11-01T00:00:00Z"],
  [{ url: "/service" }, "url must be a URL like https://mock.example.com, with http or https, and without credentials, query and fragment"],
  [{ url: "https://a:b@mock.example.com" }, "url must be a URL like https://mock.example.com, with http or https, and without credentials, query and fragment"],
  [{ settings: 1 }, "settings must be a JSON object"],
  [{ settings: { loginTokenSeconds: -1 } }, "settings.loginTokenSeconds must be a number of seconds from 0 to 4294967295"],
  [{ journalSize: -1 }, "journalSize must be a whole number of 0 or more"],
  [{ journalSize: 2 ** 40 }, "journalSize is too large"],
  [{ instances: [{ id: instance.id }] }, "instances[0].key is required"],
  [{ admins: [{ email: "ada@example.com" }] }, "admins[0].password is required"],
  [{ users: [{}, { accessToken: "live" }] }, 'users[1]: accessToken must be "valid" or "expired" or "none"'],
  [{ users: [{ inviteCode: "NONE" }] }, "users[0]: No instance has this invite code"],
]);

for (const [options, sentence] of mistakes) {
  const shown = JSON.stringify(options, (_, value) => (["bigint", "function"].includes(typeof value) ? String(value) : value));
  test(`the options ${shown} are refused with a sentence`, async () => {
    await assert.rejects(createMock(/** @type {MockOptions} */ (options)), (error) => {
      assert.ok(error instanceof MockServerError);
      assert.equal(error.message, `createMock: ${sentence}.`);
      return true;
    });
  });
}

test("an invalid Date is refused, as the clock and by the clock", async () => {
  const invalid = new Date(NaN);
  await assert.rejects(createMock({ clock: invalid }), MockServerError);
  await using({}, (mock) => assert.rejects(mock.clock.set(invalid), MockServerError));
});

test("an option that is undefined counts as not given", () =>
  using({ url: undefined, seed: undefined, clock: undefined, settings: undefined, users: undefined }, async (mock) => {
    assert.equal(mock.url, "http://localhost:4600");
    assert.equal((await mock.clock.read()).frozen, false);
  }));

test("the same seed and clock give the same tokens", async () => {
  const made = () => using({ seed: 1n, clock: new Date("2030-01-01") }, (mock) => mock.users.add({ accessToken: "valid" }));
  assert.deepEqual(await made(), await made());
  assert.notDeepEqual(await made(), await using({ clock: "2030-01-01T00:00:00Z" }, (mock) => mock.users.add({ accessToken: "valid" })));
});

test("the clock stands still at the given time", () =>
  using({ clock: "2030-01-01T00:00:00Z" }, async (mock) => {
    assert.deepEqual(await mock.clock.read(), { now: new Date("2030-01-01"), frozen: true, expired: { accessTokens: 0, refreshTokens: 0 } });
  }));

test("instances, admins, users and settings exist from the start and after a reset", () =>
  using(
    {
      settings: { loginTokenSeconds: 60 },
      instances: [{ ...instance, name: "Mine", products: ["UBI"] }],
      admins: [{ email: "grace@example.com", password: "only for tests", instances: [instance.id] }],
      users: [{ inviteCode: "MINE", profile: { email: "ada@example.com" } }, { count: 2 }],
    },
    async (mock) => {
      for (const change of [async () => {}, () => mock.reset()]) {
        await change();
        assert.equal((await mock.users.list()).total, 3);
        assert.equal((await mock.settings()).loginTokenSeconds, 60);
        const ids = (await mock.instances()).map(({ instanceId }) => instanceId);
        assert.deepEqual(ids.sort(), [mock.instance, mock.ubiInstance, { instanceId: instance.id }].map(({ instanceId }) => instanceId).sort());
      }
      const { id, key, inviteCode } = instance;
      assert.deepEqual(mock.configuredInstances, [{ instanceId: id, instanceKey: key, inviteCode, name: "Mine" }]);
    },
  ));

test("a journal of the size 0 keeps no request", () =>
  using({ journalSize: 0 }, async (mock) => {
    await mock.fetch("/a");
    assert.deepEqual(await mock.requests(), []);
  }));

test("mocks share nothing", async () => {
  const [one, other] = [await createMock(), await createMock()];
  await one.users.add();
  await one.clock.freeze();
  assert.equal((await other.users.list()).total, 0);
  assert.equal((await other.clock.read()).frozen, false);
  one.free();
  assert.equal((await other.fetch("/v1/Management/users")).status, 401);
  other.free();
});

test("the number of changes grows with every change and only then", () =>
  using({}, async (mock) => {
    const { revision } = mock;
    await mock.users.list();
    assert.equal(mock.revision, revision);
    await mock.users.add();
    assert.ok(mock.revision > revision);
  }));

test("options that contain themselves, or are nested too deeply, are refused, and other mocks go on", async () => {
  await using({}, async (other) => {
    /** @type {Record<string, unknown>} */
    const admin = { email: "a@example.com", password: "b" };
    admin.self = admin;
    /** @type {unknown} */
    let deep = {};
    for (let level = 0; level < 20_000; level += 1) deep = { deep };
    for (const given of [{ admins: [admin] }, { settings: deep }]) {
      await assert.rejects(createMock(/** @type {any} */ (given)), { message: "createMock: an option contains itself, or is nested too deeply." });
    }
    assert.equal((await other.health()).status, "ok");
  });
});
