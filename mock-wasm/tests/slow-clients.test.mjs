// @ts-check
// Clients of the command in Node that are slow or idle, with limits that are short or that never end.
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { Connections } from "../npm/bin/connections.js";
import { machine } from "../npm/bin/machine.js";
import { readTask } from "../npm/bin/module.js";
import { startServer } from "../npm/bin/serving.js";

/** @import { TestContext } from "node:test" */

const HOUR = 3_600_000;
const SHORT = 20;
const never = { head: HOUR, bodyPause: HOUR, body: HOUR, idle: HOUR, drain: HOUR, heartbeat: HOUR, check: 5 };
const users = "/v1/Management/users";

/** A server in this process, and connections to it. @param {TestContext} t @param {Partial<typeof never>} limits */
async function serve(t, limits) {
  const task = readTask(machine, ["telematics-mock", "--port", "0", "--json", "--config", "none"], [], new Uint8Array(2));
  const server = await startServer(task, { ...never, ...limits });
  const url = new URL(JSON.parse(server.program.readyLine).url);
  t.after(() => server.stop(Promise.resolve()));
  const open = (/** @type {string} */ sent) => {
    const socket = connect(Number(url.port), url.hostname);
    t.after(() => socket.destroy());
    socket.write(sent);
    return socket;
  };
  const slowDown = (/** @type {object} */ then) =>
    fetch(new URL("/__mock/faults", url), { method: "POST", headers: { "content-type": "application/json", connection: "close" }, body: JSON.stringify({ match: { path: users }, then }) });
  return { server, open, slowDown };
}

/** @param {string} path @param {string} [headers] */
const get = (path, headers = "") => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;

test("a head that does not arrive in time is 408, whenever the connection was opened", async (t) => {
  const { open } = await serve(t, { head: SHORT });
  const silent = open("");
  const late = await text(open("GET /v1/Management/users HTTP/1.1\r\nHost: loc"));
  assert.match(late, /^HTTP\/1\.1 408 Request Timeout\r\nconnection: close\r\n/);
  assert.match(late, /"Title":"The head of the request did not arrive in time\."/);
  assert.match(await text(open(`${get("/__mock/health")}GET /`)), /^HTTP\/1\.1 200 OK\r\n.*HTTP\/1\.1 408 /s);
  // Nothing of a head is no late head.
  silent.write(get("/__mock/health", "Connection: close\r\n"));
  assert.match(await text(silent), /^HTTP\/1\.1 200 OK\r\n/);
});

test("a body of which nothing arrives is 408, and the connection is closed", async (t) => {
  const { open } = await serve(t, { bodyPause: SHORT });
  const answer = await text(open("POST /v1/Registration/Create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"));
  assert.match(answer, /^HTTP\/1\.1 408 Request Timeout\r\n.*\r\nconnection: close\r\n.*"Title":"The body did not arrive in time\."/s);
});

test("an idle connection is closed without an answer", async (t) => {
  const { open } = await serve(t, { idle: SHORT });
  assert.equal(await text(open("")), "");
});

test("a connection that waits for the server is not idle", async () => {
  const http = new EventEmitter();
  const connections = new Connections(/** @type {import("node:http").Server} */ (http));
  let isDestroyed = false;
  const socket = /** @type {import("node:net").Socket} */ (/** @type {unknown} */ (Object.assign(new EventEmitter(), { destroyed: false, destroy: () => void (isDestroyed = true) })));
  http.emit("connection", socket);
  await connections.inTurn(
    socket,
    () => false,
    async () => void http.emit("timeout", socket),
  );
  assert.equal(isDestroyed, false);
  http.emit("timeout", socket);
  assert.equal(isDestroyed, true);
});

test("requests that wait behind another one of their connection are not read without a limit, and all are answered", { timeout: 20_000 }, async (t) => {
  const http = createServer();
  t.after(() => http.close());
  const connections = new Connections(http);
  /** @type {() => void} */
  let release = () => {};
  const first = new Promise((resolve) => void (release = () => resolve(undefined)));
  let [requests, isPaused] = [0, () => false];
  http.on("request", ({ socket }, response) => {
    requests += 1;
    isPaused = () => socket.isPaused();
    const work = () => first.then(() => new Promise((resolve) => void response.once("close", () => resolve(undefined)).end()));
    void connections.inTurn(socket, () => false, work);
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());
  const client = connect(port, "127.0.0.1");
  const answers = text(client);
  client.write(get("/").repeat(40_000) + get("/", "Connection: close\r\n"));
  while (!isPaused()) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(requests < 10_000, `${requests} requests were read`);
  release();
  assert.equal((await answers).split("HTTP/1.1 200 OK").length - 1, 40_001);
});

test("a stream of events has a heartbeat", async (t) => {
  const { open } = await serve(t, { heartbeat: SHORT });
  let received = "";
  for await (const part of open(get("/__mock/events"))) {
    received += part;
    if (received.endsWith("3\r\n:\n\n\r\n3\r\n:\n\n\r\n")) break;
  }
  assert.match(received, /\r\ncontent-type: text\/event-stream\r\n/);
});

test("a server that stops does not wait for slow connections without a limit, and for idle ones not at all", async (t) => {
  const { server, open, slowDown } = await serve(t, { drain: SHORT });
  await slowDown({ dribbleMs: HOUR / 60 });
  const slow = open(get(users));
  await new Promise((resolve) => slow.once("data", resolve));
  await server.stop(new Promise(() => {}));

  const idle = await serve(t, {});
  const kept = idle.open(get("/__mock/health"));
  await new Promise((resolve) => kept.once("data", resolve));
  await idle.server.stop(new Promise(() => {}));
});
