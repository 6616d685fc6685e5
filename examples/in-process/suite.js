// @ts-check
// The tests of the app. Every runner runs them with its own function `test`.
import assert from "node:assert/strict";
import { createMock } from "telematics-mock";
import { openApp } from "./app.js";

/**
 * @import { InProcessMock } from "telematics-mock"
 * @typedef {Awaited<ReturnType<typeof openApp>>} App
 */

const refresh = { method: "POST", path: "/v1/Auth/RefreshToken" };
const login = { method: "POST", path: "/v1/Auth/Login" };
const read = { method: "GET", path: "/v1/Management/users" };

/**
 * Creates a mock, opens the app, lets a user join, and runs a test.
 *
 * @param {(mock: InProcessMock, app: App) => Promise<void>} run
 */
export async function withMock(run) {
  const mock = await createMock();
  const { instanceId, instanceKey } = mock.instance;
  const app = await openApp({ baseUrl: mock.url, fetch: mock.fetch, instanceId, instanceKey, storage: "memory" });
  try {
    await app.join("Ada");
    await run(mock, app);
    // The app has made no mistake in its requests.
    assert.deepEqual(await mock.advice(), []);
  } finally {
    app.close();
    mock.free();
  }
}

/**
 * Tests the app with the function `test` of a runner.
 *
 * @param {(name: string, run: () => Promise<void>) => unknown} test
 */
export function testApp(test) {
  /** @param {string} name @param {(mock: InProcessMock, app: App) => Promise<void>} run */
  const testJoined = (name, run) => test(name, () => withMock(run));

  testJoined("a user who joins is greeted", async (mock, app) => {
    assert.equal(await app.greeting(), "Hello Ada");
    const [joined] = await mock.requests({ path: "/v1/Registration/Create" });
    assert.deepEqual(joined?.request, { FirstName: "Ada" });
  });

  testJoined("after six days, three simultaneous calls share one refresh", async (mock, app) => {
    const { expired } = await mock.clock.advance("P6D");
    assert.deepEqual(expired, { accessTokens: 1, refreshTokens: 0 });
    await Promise.all([app.greeting(), app.greeting(), app.greeting()]);
    await mock.verify(refresh, { exactly: 1 });
    await mock.verify(login, { exactly: 0 });
  });

  testJoined("after half a year a login with the device token keeps the user signed in", async (mock, app) => {
    const { user } = app;
    await mock.clock.advance("P180D");
    assert.equal(await app.greeting(), "Hello Ada");
    assert.equal(app.user, user);
    await mock.verifySequence([{ ...refresh, status: 401 }, { ...login, status: 200 }, { ...read, status: 200 }]);
  });

  testJoined("a lost answer to a refresh does not sign the user out", async (mock, app) => {
    const { user } = app;
    await mock.faults.add({ match: refresh, times: 1, then: { commitThenDrop: true } });
    await assert.rejects(app.renew(), { code: "network" });
    await app.renew();
    assert.equal(app.user, user);
    assert.equal(await app.greeting(), "Hello Ada");
  });

  testJoined("a call to a busy service is repeated", async (mock, app) => {
    await mock.faults.add({ match: read, times: 1, then: { status: 503 } });
    assert.equal(await app.greeting(), "Hello Ada");
    await mock.verify({ ...read, status: 503 }, { exactly: 1 });
    await mock.verify({ ...read, status: 200 }, { exactly: 1 });
  });

  testJoined("an app that gives up stays usable", async (mock, app) => {
    const held = await mock.faults.add({ match: refresh, then: { hold: true } });
    const givingUp = new AbortController();
    const events = mock.events();
    await events.opened;
    const renewed = app.renew({ signal: givingUp.signal });
    for await (const { type } of events) if (type === "fault") break;
    givingUp.abort();
    await assert.rejects(renewed, { code: "aborted" });
    await mock.faults.release(held);
    assert.equal(await app.greeting(), "Hello Ada");
  });

  testJoined("the clock of the service can be read and stopped", async (mock) => {
    const { now } = await mock.clock.set("2030-01-01T00:00:00Z");
    assert.equal(now.toISOString(), "2030-01-01T00:00:00.000Z");
    await mock.clock.freeze();
    assert.deepEqual(await mock.clock.now(), await mock.clock.now());
    await mock.clock.reset();
    assert.equal((await mock.clock.read()).frozen, false);
  });

  testJoined("a restored snapshot is the state of before", async (mock, app) => {
    const before = await mock.snapshot();
    await app.rename("Grace");
    assert.equal(await app.greeting(), "Hello Grace");
    await mock.restore(before);
    assert.equal(await app.greeting(), "Hello Ada");
  });
}
