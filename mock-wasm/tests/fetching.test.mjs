// @ts-check
// `mock.fetch` does what the global `fetch` does with a server.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, afterEach, before, test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { createMock } from "../npm/index.js";

/** @import { FaultEffect, InProcessMock } from "../npm/index.d.ts" */

/** @type {InProcessMock} */
let mock;

before(async () => {
  mock = await createMock();
});

afterEach(() => mock.reset());

after(() => mock.free());

/** Makes the mock answer requests to a path with a fault. @param {string} path @param {FaultEffect} then */
const fault = (path, then) => mock.faults.add({ match: { path }, then });

/** The requests so far, such as `GET /a`. */
async function received() {
  return (await mock.requests()).map(({ method, path, query }) => `${method} ${path}${query && `?${query}`}`);
}

/** Registers a user and returns the access token. */
async function newAccessToken() {
  const { accessToken } = await mock.users.add({ accessToken: "valid" });
  assert.ok(accessToken);
  return accessToken;
}

test("an answer has the status, its words, the headers, the body and the address of the request", async () => {
  const response = await mock.fetch(`${mock.url}/v1/Management/users#fragment`);
  assert.ok(response instanceof Response);
  assert.deepEqual([response.status, response.statusText, response.ok], [401, "Unauthorized", false]);
  assert.equal(response.url, `${mock.url}/v1/Management/users`);
  assert.equal(response.headers.get("WWW-Authenticate"), "Bearer");
  assert.equal((await response.json()).Title, "The call needs an access token.");
});

test("the address can be text, a URL, a Request and a path", async () => {
  const address = `${mock.url}/a?b=c`;
  for (const input of [address, new URL(address), new Request(address), "/a?b=c", "a?b=c"]) await mock.fetch(input);
  assert.deepEqual(await received(), Array.from({ length: 5 }, () => "GET /a?b=c"));
});

test("the method, the headers and the body of a Request arrive, and the second argument beats them", async () => {
  const token = await newAccessToken();
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const change = new Request(`${mock.url}/v1/Management/users`, { method: "PUT", headers, body: '{"Nickname":"Countess"}' });
  assert.equal((await mock.fetch(change.clone())).status, 200);
  assert.equal((await mock.fetch(change, { body: '{"Nickname":3}' })).status, 422);
  const bodies = (await mock.requests({ method: "PUT" })).map(({ request }) => request);
  assert.deepEqual(bodies, [{ Nickname: "Countess" }, { Nickname: 3 }]);
});

test("a request of another realm is sent like one of this realm", async () => {
  const token = await newAccessToken();
  const real = new Request(`${mock.url}/v1/Management/users`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: '{"Nickname":"Countess"}',
  });
  const foreign = /** @type {Request} */ (/** @type {unknown} */ ({
    url: real.url,
    method: real.method,
    headers: real.headers,
    redirect: real.redirect,
    signal: real.signal,
    body: real.body,
    arrayBuffer: async () => runInContext(`Uint8Array.from(${JSON.stringify([...new Uint8Array(await real.arrayBuffer())])}).buffer`, createContext()),
  }));
  assert.equal((await mock.fetch(foreign)).status, 200);
  const [change] = await mock.requests({ method: "PUT" });
  assert.deepEqual(change?.request, { Nickname: "Countess" });
});

test("an address of another service is refused with a TypeError that names both addresses", async () => {
  for (const address of ["http://localhost:4601/a", "http://localhost:46000/a", "https://localhost:4600/a", "http://127.0.0.1:4600/a"]) {
    await assert.rejects(mock.fetch(address), (error) => {
      assert.ok(error instanceof TypeError && error.cause instanceof Error);
      assert.equal(error.cause.message, `${address} is not below http://localhost:4600, the address of this mock`);
      return true;
    });
  }
  assert.deepEqual(await received(), []);
});

test("an address with a path is in front of every path", async () => {
  const url = "https://user.example.com/service";
  for (const written of [url, `${url}/`, new URL(url)]) {
    const mock = await createMock({ url: written });
    assert.equal(mock.url, url);
    for (const input of [`${url}/a?b=c`, "/a?b=c", "a?b=c"]) assert.equal((await mock.fetch(input)).url, `${url}/a?b=c`);
    assert.deepEqual((await mock.requests()).map(({ path }) => path), ["/a", "/a", "/a"]);
    await assert.rejects(mock.fetch("https://user.example.com/services/a"), TypeError);
    await assert.rejects(mock.fetch("https://user.example.com/a"), TypeError);
    mock.free();
  }
});

test("a redirect is followed, and the response has the last address", async () => {
  await fault("/a", { status: 302, headers: { Location: "/b?c=d" } });
  const response = await mock.fetch("/a");
  assert.deepEqual([response.status, response.url, response.redirected], [404, `${mock.url}/b?c=d`, true]);
  assert.equal((await mock.fetch("/b")).redirected, false);
  assert.deepEqual(await received(), ["GET /a", "GET /b?c=d", "GET /b"]);
});

test("a redirect with 307 sends the body again, and one with 303 becomes a GET", async () => {
  await fault("/again", { status: 307, headers: { Location: "/kept" } });
  await fault("/other", { status: 303, headers: { Location: "/kept" } });
  for (const path of ["/again", "/other"]) {
    await mock.fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"A":1}' });
  }
  const kept = await mock.requests({ path: "/kept" });
  assert.deepEqual(kept.map(({ method, headers }) => [method, headers.includes("content-type")]), [["POST", true], ["GET", false]]);
});

test("a redirect is returned or refused as the option `redirect` says, and a loop of redirects is refused", async () => {
  await fault("/a", { status: 301, headers: { Location: "/a" } });
  assert.equal((await mock.fetch("/a", { redirect: "manual" })).status, 301);
  await assert.rejects(mock.fetch("/a", { redirect: "error" }), TypeError);
  await assert.rejects(mock.fetch("/a"), TypeError);
  assert.equal((await received()).length, 23);
});

test("a redirect to another service is refused", async () => {
  await fault("/a", { status: 302, headers: { Location: "https://evil.example/b" } });
  await assert.rejects(mock.fetch("/a"), TypeError);
});

test("the response to HEAD, and one with 204, has no body", async () => {
  await fault("/a", { status: 204 });
  const head = await mock.fetch("/b", { method: "HEAD" });
  assert.deepEqual([head.status, head.body, Number(head.headers.get("Content-Length")) > 0], [404, null, true]);
  assert.deepEqual([(await mock.fetch("/a")).status, (await mock.fetch("/a")).body], [204, null]);
});

test("a signal that is aborted before the call makes no request", async () => {
  const reason = new Error("not needed");
  await assert.rejects(mock.fetch("/a", { signal: AbortSignal.abort(reason) }), (error) => error === reason);
  await assert.rejects(mock.fetch(new Request(`${mock.url}/a`, { signal: AbortSignal.abort() })), { name: "AbortError" });
  assert.deepEqual(await received(), []);
});

test("a signal that is aborted while the answer is waited for rejects with its reason, and the held request is gone", async () => {
  const id = await fault("/a", { hold: true });
  const events = mock.events();
  await events.opened;
  const givingUp = new AbortController();
  const pending = mock.fetch("/a", givingUp);
  for await (const { type } of events) if (type === "fault") break;
  assert.equal((await mock.faults.list()).find((item) => item.id === id)?.held, 1);
  givingUp.abort();
  await assert.rejects(pending, { name: "AbortError" });
  assert.equal((await mock.faults.list()).find((item) => item.id === id)?.held, 0);
});

test("a signal that is aborted while a body arrives breaks the body off", async () => {
  const givingUp = new AbortController();
  const { body } = await mock.fetch("/__mock/events", givingUp);
  const reader = /** @type {ReadableStream<Uint8Array>} */ (body).getReader();
  const first = reader.read();
  await mock.clock.freeze();
  assert.equal((await first).done, false);
  const next = reader.read();
  givingUp.abort();
  await assert.rejects(next, { name: "AbortError" });
});

test("a body arrives in pieces while it is sent", async () => {
  const text = "x".repeat(1000);
  await fault("/a", { body: { text }, dribbleMs: 20 });
  const pieces = [];
  const reader = /** @type {ReadableStream<Uint8Array>} */ ((await mock.fetch("/a")).body).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) pieces.push(read.value);
  assert.ok(pieces.length > 1);
  assert.deepEqual(JSON.parse(Buffer.concat(pieces).toString()), { text });
});

test("a body that can be cancelled ends the stream of the mock", async () => {
  const { body } = await mock.fetch("/__mock/events");
  await body?.cancel();
  await mock.clock.freeze();
});

test("a body that breaks off rejects with a TypeError after its head", async () => {
  await fault("/a", { body: { text: "x".repeat(100) }, truncateBody: 10 });
  const response = await mock.fetch("/a");
  assert.equal(response.status, 200);
  await assert.rejects(response.text(), TypeError);
});

test("a lost answer and a reset connection reject with a TypeError", async () => {
  await fault("/v1/Registration/Create", { commitThenDrop: true });
  await fault("/b", { reset: true });
  const { instanceId, instanceKey } = mock.instance;
  const headers = { InstanceId: instanceId, InstanceKey: instanceKey, "Content-Type": "application/json" };
  await assert.rejects(mock.fetch("/v1/Registration/Create", { method: "POST", headers, body: "{}" }), TypeError);
  await assert.rejects(mock.fetch("/b"), TypeError);
  assert.equal((await mock.users.list()).total, 1);
});

test("a form with a picture arrives, and the picture can be read again", async () => {
  const token = await newAccessToken();
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const form = new FormData();
  form.append("file", new Blob([png], { type: "image/png" }), "Zoë.png");
  const headers = { Authorization: `Bearer ${token}` };
  const uploaded = await mock.fetch("/v1/Management/users/images/upload", { method: "POST", headers, body: form });
  const { Result } = await uploaded.json();
  assert.equal(uploaded.status, 200);
  assert.deepEqual(new Uint8Array(await (await mock.fetch(Result)).arrayBuffer()), png);
});

test("a stream as body arrives whole", async () => {
  const token = await newAccessToken();
  const body = new ReadableStream({
    start(controller) {
      for (const part of ['{"Nick', 'name":"Countess"}']) controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const init = { method: "PUT", headers, body, duplex: "half" };
  assert.equal((await mock.fetch("/v1/Management/users", /** @type {RequestInit} */ (init))).status, 200);
});

test("a body above the limit of its call is answered with 413", async () => {
  const headers = { "Content-Type": "application/json" };
  const response = await mock.fetch("/v1/Auth/Login", { method: "POST", headers, body: `"${"x".repeat(3_000_000)}"` });
  assert.equal(response.status, 413);
});

test("a header may have every character of Latin-1, in the request and in the answer", async () => {
  assert.equal((await mock.fetch("/a", { headers: { "X-Name": "Zo\u00eb" } })).status, 404);
  await fault("/b", { headers: { "X-Name": "Zo\u00eb" } });
  // The mock sends UTF-8, and JavaScript shows a character for each byte, as it does for a server.
  const name = (await mock.fetch("/b")).headers.get("X-Name") ?? "";
  assert.equal(Buffer.from(name, "latin1").toString("utf8"), "Zo\u00eb");
});

test("a call leaves no listener on a signal, whether its body arrives in one piece or in several", async () => {
  const { signal } = new AbortController();
  await fault("/slow", { status: 200, body: "some text", dribbleMs: 5 });
  for (const path of ["/a", "/slow"]) await (await mock.fetch(path, { signal })).text();
  await mock.waitForRequest({ path: "/a" }, { signal });
  assert.deepEqual(getEventListeners(signal, "abort"), []);
});

test("a signal ends a call whose body does not arrive", async () => {
  const controller = new AbortController();
  const body = new ReadableStream({});
  const waiting = mock.fetch("/a", /** @type {any} */ ({ method: "POST", body, duplex: "half", signal: controller.signal }));
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, { message: "enough" });
});

test("the address may have capitals, the usual port and dots", async () => {
  for (const [given, expected] of [["https://User.Example.com/", "https://user.example.com"], ["http://localhost:80", "http://localhost"], ["https://x.com/api/../v2", "https://x.com/v2"]]) {
    const other = await createMock({ url: given });
    assert.equal(other.url, expected);
    assert.equal((await other.fetch(`${given}/v1/Management/users`.replace(".com//", ".com/"))).status, 401);
    assert.equal((await other.health()).status, "ok");
    other.free();
  }
});

test("a request with more headers than HTTP allows is refused, and the mock goes on", async () => {
  const headers = new Headers();
  for (let number = 0; number < 30_000; number += 1) headers.append(`x-${number}`, "");
  await assert.rejects(mock.fetch("/a", { headers }), TypeError);
  assert.equal((await mock.fetch("/a")).status, 404);
});

test("the function can be handed on without its mock", async () => {
  const { fetch } = mock;
  assert.equal((await fetch("/a")).status, 404);
});
