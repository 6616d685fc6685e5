// @ts-check
// The tests that the apps of all frameworks pass.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { startMockServer } from "telematics-mock/server";
import { startApp } from "./app-server.js";
import { Visitor } from "./visitor.js";

/** @import { MockInstance, MockServer } from "telematics-mock/server" */

const secret = "the secret of the apps in these tests";
const refresh = { method: "POST", path: "/v1/Auth/RefreshToken" };
const login = { method: "POST", path: "/v1/Auth/Login" };
const read = { method: "GET", path: "/v1/Management/users" };

/**
 * Tests an app that is built.
 *
 * @param {(port: number) => import("./app-server.js").Launch} launch
 */
export function testApp(launch) {
  /** @type {MockServer} */
  let server;
  /** @type {MockInstance} */
  let mine;
  /** @type {Awaited<ReturnType<typeof startApp>>} */
  let app;
  /** @type {Visitor} */
  let visitor;
  before(async () => {
    server = await startMockServer();
    mine = await server.createInstance();
    const { instanceId, instanceKey } = mine.instance;
    const service = { SERVICE_URL: mine.url, INSTANCE_ID: instanceId, INSTANCE_KEY: instanceKey };
    app = await startApp(launch, { ...service, SESSION_SECRET: secret });
  });

  after(async () => {
    await app?.stop();
    await server?.stop();
  });

  // The app has made no mistake in its requests.
  afterEach(async () => assert.deepEqual(await mine.advice(), []));

  beforeEach(async () => {
    await mine.reset();
    visitor = newVisitor();
    assert.equal((await visitor.get("/")).shown, "Join");
    joined = await visitor.post("/join", { firstName: "Ada" });
  });

  /** @type {Awaited<ReturnType<Visitor["post"]>>} */
  let joined;

  const newVisitor = () => new Visitor(app.origin, secret);

  /** @param {"access" | "all"} which */
  const expire = (which) => mine.expire(visitor.session.DeviceToken, which);

  /** Five requests with one cookie, which the service answers at the same time. */
  async function fiveAtOnce() {
    await mine.barriers.add({ match: read, parties: 5 });
    const tabs = Array.from({ length: 5 }, () => visitor.twin());
    const pages = await Promise.all(tabs.map((tab) => tab.get("/")));
    for (const { status, shown, written } of pages) {
      assert.equal(status, 200);
      assert.equal(shown, "Hello Ada");
      assert.equal(written.length, 1);
    }
    return tabs;
  }

  test("a visitor who joins gets a cookie that scripts cannot read, and is greeted by the next page", async () => {
    assert.equal(joined.status, 303);
    assert.equal(joined.location, "/");
    assert.equal(joined.written.length, 1);
    for (const attribute of [/^__Host-telematics-session=/, /; HttpOnly/i, /; Secure/i, /; SameSite=lax/i, /; Path=\//i, /; Max-Age=34560000/i]) {
      assert.match(joined.written[0] ?? "", attribute);
    }
    assert.ok(visitor.size < 4096, `${visitor.size}`);
    const { shown, written } = await visitor.get("/");
    assert.equal(shown, "Hello Ada");
    assert.deepEqual(written, []);
    await mine.verify(refresh, { exactly: 0 });
  });

  test("a page after the access token has expired makes one refresh and writes the new cookie", async () => {
    const old = visitor.session;
    await expire("access");
    const { status, shown, written } = await visitor.get("/");
    assert.equal(status, 200);
    assert.equal(shown, "Hello Ada");
    assert.equal(written.length, 1);
    assert.notEqual(visitor.session.RefreshToken, old.RefreshToken);
    await mine.verify(refresh, { exactly: 1 });
    await visitor.get("/");
    await mine.verify(refresh, { exactly: 1 });
    await mine.verify(login, { exactly: 0 });
  });

  test("five simultaneous pages with an expired access token make one refresh and lose no session", async () => {
    await expire("access");
    const [tab] = await fiveAtOnce();
    await mine.verify(refresh, { exactly: 1 });
    await mine.verify(login, { exactly: 0 });
    const { generations } = await mine.tokens(visitor.session.DeviceToken);
    assert.deepEqual(generations.map(({ state }) => state), ["used", "live"]);
    // A page that was requested with the old cookie, and arrives after the others.
    assert.equal((await visitor.get("/")).written.length, 1);
    assert.equal(visitor.session.RefreshToken, tab?.session.RefreshToken);
    await mine.verify(refresh, { exactly: 1 });
  });

  test("after both tokens have expired, five simultaneous pages make one login with the device token", async () => {
    await expire("all");
    const [tab] = await fiveAtOnce();
    await mine.verify({ ...login, status: 200 }, { exactly: 1 });
    // A rejection is not remembered: a page that is requested a moment later asks again before it shares the login.
    await mine.verify({ ...refresh, status: 401 }, { atLeast: 1 });
    await mine.verify({ ...refresh, status: 200 }, { exactly: 0 });
    assert.deepEqual((await tab?.get("/"))?.written, []);
  });

  test("a call of the page to its own server renews the session and returns no token", async () => {
    await expire("access");
    const { status, text, written } = await visitor.get("/api/user");
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(text), { firstName: "Ada" });
    assert.equal(written.length, 1);
    await mine.verify(refresh, { exactly: 1 });
    assert.equal((await newVisitor().get("/api/user")).status, 401);
  });

  test("a user without a first name is signed in", async () => {
    const nameless = newVisitor();
    await nameless.post("/join", {});
    assert.equal((await nameless.get("/")).shown, "Hello");
    assert.deepEqual(JSON.parse((await nameless.get("/api/user")).text).firstName ?? null, null);
  });

  test("a form of another site signs nobody in or out", async () => {
    await mine.clearRequests();
    const victim = newVisitor();
    const foreign = { Origin: "https://evil.example" };
    for (const [sender, path] of /** @type {const} */ ([[victim, "/join"], [visitor, "/join"], [visitor, "/sign-out"]])) {
      const { status, written } = await sender.post(path, { firstName: "Eve" }, foreign);
      assert.equal(status, 403);
      assert.deepEqual(written, []);
    }
    assert.deepEqual(await mine.requests({ method: "POST" }), []);
    assert.equal((await visitor.get("/")).shown, "Hello Ada");
  });

  test("an outage of the service signs nobody out", async () => {
    await mine.faults.add({ then: { status: 500 } });
    assert.ok((await visitor.get("/")).status >= 500);
    assert.ok((await visitor.get("/api/user")).status >= 500);
    await mine.faults.clear();
    assert.equal((await visitor.get("/")).shown, "Hello Ada");
  });

  test("a session that the service ends leads to the form to join", async () => {
    await expire("all");
    await mine.faults.add({ match: login, then: { status: 401 } });
    const { status, shown } = await visitor.get("/");
    assert.equal(status, 200);
    assert.equal(shown, "Join");
    assert.equal(visitor.session, undefined);
  });

  test("a sign-out removes the cookie", async () => {
    const tab = visitor.twin();
    const { status, location, written } = await visitor.post("/sign-out");
    assert.equal(status, 303);
    assert.equal(location, "/");
    assert.equal(written.length, 1);
    assert.equal(visitor.session, undefined);
    assert.equal((await visitor.get("/")).shown, "Join");
    // A page that was requested before the sign-out, and arrives after it.
    assert.equal((await tab.get("/")).shown, "Join");
    assert.equal(tab.session, undefined);
  });

  test("the app prints no token and no key", async () => {
    await expire("access");
    const secrets = [mine.instance.instanceKey, ...visitor.secrets];
    await visitor.get("/");
    for (const secret of [...secrets, ...visitor.secrets]) assert.ok(!app.output().includes(secret));
  });
}
