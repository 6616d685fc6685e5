// @ts-check
// The mock in a service worker, with a scope and a store of the test in place of those of a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMock } from "../npm/index.js";
import { WHERE } from "../npm/worker/greeting.js";
import { listen } from "../npm/worker/listening.js";
import { optionsOf, withOptions } from "../npm/worker/options.js";
import { ServedMock } from "../npm/worker/served-mock.js";

const url = "https://site.test/docs/mock";

/** A store in memory, which counts the writes. */
class Store {
  /** @type {string | undefined} */
  snapshot;
  writes = 0;

  async read() {
    return this.snapshot;
  }

  /** @param {string} snapshot */
  async write(snapshot) {
    this.writes += 1;
    this.snapshot = snapshot;
  }
}

/** The global scope of a service worker, whose events a test sends. */
class Scope {
  location = { href: "https://site.test/docs/worker.js" };
  registration = { scope: "https://site.test/docs/" };
  claims = 0;
  clients = { claim: async () => void (this.claims += 1) };
  skipWaiting = async () => {};
  /** @type {Map<string, (event: any) => void>} */
  listeners = new Map();
  addEventListener = (/** @type {string} */ type, /** @type {(event: any) => void} */ listener) => void this.listeners.set(type, listener);

  /** @param {string} type @param {object} event */
  send(type, event) {
    this.listeners.get(type)?.(event);
  }

  /** Sends a request of a page; `undefined` if the worker leaves it to the network. @param {Request} request */
  async fetch(request) {
    /** @type {Promise<Response> | undefined} */
    let answered;
    this.send("fetch", { request, respondWith: (/** @type {Promise<Response>} */ response) => void (answered = response) });
    return answered;
  }
}

/** A worker as the browser starts it. @param {Store} store @param {Parameters<typeof createMock>[0]} [options] */
function startWorker(store, options) {
  const scope = new Scope();
  listen(scope, url, new ServedMock(() => createMock({ url, ...options }), store));
  return scope;
}

/** Collects the warnings of a test. @param {import("node:test").TestContext} t */
function warnings(t) {
  const warn = t.mock.method(console, "warn", () => {});
  return () => warn.mock.calls.map(({ arguments: [text] }) => String(text));
}

/** @param {string} path @param {object} [body] */
const post = (path, body) => new Request(url + path, { method: "POST", body: JSON.stringify(body ?? {}), headers: { "Content-Type": "application/json" } });

/** @param {Scope} worker */
async function addUser(worker) {
  const answered = await worker.fetch(post("/__mock/users", { accessToken: "valid" }));
  return answered?.json();
}

/** Lets a fault hit the logins. @param {Scope} worker @param {object} then */
async function addFault(worker, then) {
  const answered = await worker.fetch(post("/__mock/faults", { match: { path: "/v1/Auth/Login" }, then }));
  assert.ok(answered?.ok);
}

test("a worker that starts again knows the users and their tokens", async () => {
  const store = new Store();
  const user = await addUser(startWorker(store));

  const again = startWorker(store);

  const profile = await again.fetch(new Request(`${url}/v1/Management/users`, { headers: { Authorization: `Bearer ${user.accessToken}` } }));
  assert.equal(profile?.status, 200);
});

test("tokens that were minted by the first request stay valid when the worker starts again", async () => {
  const store = new Store();
  const keys = async () => (await startWorker(store).fetch(new Request(`${url}/__mock/keys`)))?.text();
  assert.equal(await keys(), await keys());
});

test("a change is stored before the request is answered, and a request that changes nothing stores nothing", async () => {
  const store = new Store();
  const worker = startWorker(store);
  await worker.fetch(new Request(`${url}/__mock/health`));
  const { writes } = store;

  const user = await addUser(worker);
  assert.ok(store.snapshot?.includes(user.deviceToken));
  assert.equal(store.writes, writes + 1);

  await worker.fetch(new Request(`${url}/__mock/users`));
  assert.equal(store.writes, writes + 1);
});

test("requests at the same time share the writes, and each of them is stored", async () => {
  const store = new Store();
  const worker = startWorker(store);
  const users = await Promise.all(Array.from({ length: 20 }, () => addUser(worker)));
  assert.ok(users.every(({ deviceToken }) => store.snapshot?.includes(deviceToken)));
  assert.ok(store.writes < 20, `${store.writes} writes`);
});

test("a stored state of another version leads to a fresh one, with a warning", async (t) => {
  const warned = warnings(t);
  const store = new Store();
  store.snapshot = '{"version":0}';
  const worker = startWorker(store);
  assert.ok((await addUser(worker)).deviceToken);
  assert.equal(warned().length, 1);
  assert.match(String(warned()[0]), /The stored state is not one of this version, so the mock starts with a fresh one/);
  assert.ok(store.snapshot.length > 100);
});

test("a page can put no other option into the address, and a time as a Date", () => {
  const address = new URL("https://site.test/worker.js");
  assert.throws(() => withOptions(address, /** @type {any} */ ({ controlToken: "secret" })), { name: "MockServerError", message: "startMockWorker: controlToken is unknown; the known options are script, scope, type, url, seed, clock." });
  assert.equal(withOptions(address, { clock: new Date(0) }).search, "?clock=1970-01-01T00%3A00%3A00.000Z");
});

test("a state that could not be stored is stored with the next request", async (t) => {
  warnings(t);
  const store = new Store();
  const { write } = store;
  store.write = async () => {
    throw new Error("the disk is busy");
  };
  const worker = startWorker(store);
  const { deviceToken } = await addUser(worker);
  store.write = write;
  await worker.fetch(new Request(`${url}/__mock/health`));
  assert.ok(store.snapshot?.includes(deviceToken));
});

test("a store that fails costs no answer, and each failure is a warning", async (t) => {
  const warned = warnings(t);
  const store = new Store();
  const fail = async () => {
    throw new Error("there is no space");
  };
  store.read = store.write = fail;
  assert.ok((await addUser(startWorker(store))).deviceToken);
  assert.match(warned().join(), /cannot be read.*there is no space.*cannot be stored.*there is no space/s);
});

test("a mock that cannot start answers with the reason, and starts at the next request if it can", async () => {
  const scope = new Scope();
  let journalSize = -1;
  listen(scope, url, new ServedMock(() => createMock({ url, journalSize }), new Store()));
  const health = () => scope.fetch(new Request(`${url}/__mock/health`));
  const refused = await health();
  assert.equal(refused?.status, 500);
  assert.match((await refused?.json()).error, /journalSize/);

  journalSize = 10;
  assert.equal((await health())?.status, 200);
});

test("only requests below the address are answered, and no navigation", async () => {
  const worker = startWorker(new Store());
  for (const other of ["https://site.test/docs/", "https://site.test/docs/mockery", "https://other.test/docs/mock/__mock/health"]) {
    assert.equal(await worker.fetch(new Request(other)), undefined, other);
  }
  const navigation = /** @type {Request} */ ({ url: `${url}/__mock/health`, mode: "navigate" });
  assert.equal(await worker.fetch(navigation), undefined);
});

test("a fault that loses the answer becomes a failed request", async () => {
  const worker = startWorker(new Store());
  await addFault(worker, { commitThenDrop: true });
  const answered = await worker.fetch(post("/v1/Auth/Login"));
  assert.equal(answered?.type, "error");
});

test("a redirect is handed to the browser, which follows it", async () => {
  const worker = startWorker(new Store());
  await addFault(worker, { status: 302, headers: { Location: "/elsewhere" } });
  const answered = await worker.fetch(post("/v1/Auth/Login"));
  assert.deepEqual([answered?.status, answered?.headers.get("location")], [302, "/elsewhere"]);
});

test("a page that asks gets the address, and the worker", async () => {
  const worker = startWorker(new Store());
  /** @param {object} event */
  const answerTo = (event) =>
    new Promise((resolve) => worker.send("message", { ports: [{ postMessage: resolve }], waitUntil: (/** @type {Promise<void>} */ work) => void work.then(() => resolve("nothing")), ...event }));
  assert.deepEqual(await answerTo({ data: WHERE }), { url });
  assert.equal(worker.claims, 1);
  worker.send("message", { data: "of the site", ports: [], waitUntil: () => assert.fail("the message is not for the mock") });
});

test("options travel in the address of the script, and those of the script win", () => {
  const address = withOptions(new URL("https://site.test/docs/worker.js"), { url: "https://user.test/", seed: 7n });
  const scope = "https://site.test/docs/";
  assert.deepEqual(optionsOf({}, address.href, scope), { url: "https://user.test", seed: 7n });
  assert.deepEqual(optionsOf({ url: "other" }, address.href, scope), { url: "https://site.test/docs/other", seed: 7n });
  assert.deepEqual(optionsOf({}, "https://site.test/docs/worker.js", scope), { url: "https://site.test/docs/mock" });
});

test("a wrong option in the address is refused with a sentence, and other parameters belong to the site", () => {
  const refused = /** @param {string} query */ (query) => () => optionsOf({}, `https://site.test/worker.js?${query}`, "https://site.test/");
  assert.deepEqual(optionsOf({}, "https://site.test/worker.js?v=3", "https://site.test/"), { url: "https://site.test/mock" });
  assert.throws(refused("seed=x"), { message: "The parameter seed of the worker's address is not a whole number." });
  assert.throws(refused("url=http%3A%2F%2F"), { message: "The url of the mock in the worker is not a valid address." });
});

test("a stream of events begins with a comment, and its end reaches the mock", async () => {
  const worker = startWorker(new Store());
  const answered = await worker.fetch(new Request(`${url}/__mock/events`));
  const reader = answered?.body?.getReader();
  const read = async () => new TextDecoder().decode((await reader?.read())?.value);
  assert.equal(await read(), ":\n\n");
  await worker.fetch(post("/__mock/clock", { advance: "PT1H" }));
  assert.match(await read(), /^event: ?clock/);
  await reader?.cancel();
});
