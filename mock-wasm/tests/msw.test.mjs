// @ts-check
// The mock as handlers of Mock Service Worker, in Node.
import assert from "node:assert/strict";
import https from "node:https";
import { after, afterEach, before, test } from "node:test";
import { setImmediate as pause } from "node:timers/promises";
import { setupServer } from "msw/node";
import { createMock } from "../npm/index.js";
import { mockHandlers } from "../npm/msw.js";
import { connectMockServer } from "../npm/page.js";

const mock = await createMock({ url: "https://user.test/service" });
const server = setupServer(...mockHandlers(mock));

before(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => mock.reset());
after(() => {
  server.close();
  mock.free();
});

/** @param {string} path @param {RequestInit} [init] */
const send = (path, init) => fetch(mock.url + path, init);

/** The status of the answer to a request of node:https. @param {string} path @returns {Promise<number>} */
const statusOverHttps = (path) =>
  new Promise((resolve, reject) => {
    https.request(mock.url + path, (response) => resolve(Number(response.resume().statusCode))).on("error", reject).end();
  });

test("an app that knows only the address of the real service gets the answers of the mock", async () => {
  const { accessToken } = await mock.users.add({ accessToken: "valid", profile: { firstName: "Ada" } });
  const answered = await send("/v1/Management/users", { headers: { Authorization: `Bearer ${accessToken}` } });
  assert.equal(answered.status, 200);
  assert.match(await answered.text(), /Ada/);
  await mock.verify({ path: "/v1/Management/users" }, { exactly: 1 });
});

test("a request of node:https is answered too", async () => {
  assert.equal(await statusOverHttps("/v1/Management/users"), 401);
});

test("the control API is reached at the same address, with its events", async () => {
  const connection = connectMockServer(mock.url);
  assert.equal((await connection.health()).status, "ok");
  const events = connection.events();
  await events.opened;
  await connection.clock.advance("PT1H");
  assert.equal((await events.next()).done, false);
  await events.return();
});

test("a fault that loses the answer makes the request fail", async () => {
  await mock.faults.add({ match: { path: "/v1/Auth/Login" }, then: { commitThenDrop: true } });
  await assert.rejects(send("/v1/Auth/Login", { method: "POST" }), TypeError);
});

test("a redirect is followed as the request says", async () => {
  await mock.faults.add({ match: { path: "/v1/Auth/Login" }, then: { status: 307, headers: { Location: `${mock.url}/__mock/health` } } });
  assert.equal((await send("/v1/Auth/Login")).status, 200);
  assert.equal((await send("/v1/Auth/Login", { redirect: "manual" })).status, 307);
  await assert.rejects(send("/v1/Auth/Login", { redirect: "error" }), TypeError);
  assert.equal(await statusOverHttps("/v1/Auth/Login"), 307, "node:https follows none");
});

test("an aborted request ends at once, also at the mock", async () => {
  const id = await mock.faults.add({ match: { path: "/v1/Auth/Login" }, then: { hold: true } });
  const held = async () => (await mock.faults.list()).find((fault) => fault.id === id)?.held;
  const controller = new AbortController();
  const answered = send("/v1/Auth/Login", { method: "POST", signal: controller.signal });
  const waiting = answered.catch((error) => error.name);
  while ((await held()) !== 1) await pause();

  controller.abort();

  assert.equal(await waiting, "AbortError");
  while ((await held()) !== 0) await pause();
});

test("other addresses are not those of the mock", async (t) => {
  const complaints = t.mock.method(console, "error", () => {});
  for (const other of ["https://user.test/", "https://user.test/services", "https://other.test/service/v1"]) {
    await assert.rejects(fetch(other), other);
  }
  assert.equal(complaints.mock.callCount(), 3);
});
