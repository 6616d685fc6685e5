// The packed package in React Native: without WebAssembly, and without much of what a browser has.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { sample } from "../browser/readme.mjs";
import { installPackage } from "./install.mjs";
import { runInReactNative } from "./react-native.mjs";

let folder, at, code, scope, signedIn, UserServiceClient;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "telematics-native-"));
  await installPackage(folder);
  ({ scope, app: { at, code, signedIn, UserServiceClient } } = await runInReactNative(folder));
});

after(() => rm(folder, { recursive: true, force: true }));

/** The key store of a device: it accepts 2048 bytes for a value, and fails after `saves` more of them. */
const keyStore = { keys: new Map(), saves: Infinity };

globalThis.fakeKeyStore = {
  getItemAsync: async (key) => keyStore.keys.get(checked(key)) ?? null,
  deleteItemAsync: async (key) => void keyStore.keys.delete(checked(key)),
  setItemAsync: async (key, value) => {
    assert.ok(Buffer.byteLength(value) <= 2048, "too long");
    if (keyStore.saves-- === 0) throw new Error("interrupted");
    keyStore.keys.set(checked(key), value);
  },
};

function checked(key) {
  assert.match(key, /^[\w.-]+$/);
  return key;
}

/** The storage of the README over the fake key store. */
async function storageOfReadme() {
  const library = join(folder, "node_modules/expo-secure-store");
  await mkdir(library, { recursive: true });
  await writeFile(join(library, "package.json"), '{ "exports": "./index.mjs" }');
  await writeFile(join(library, "index.mjs"), "export const { getItemAsync, setItemAsync, deleteItemAsync } = globalThis.fakeKeyStore;");
  await writeFile(join(folder, "storage.mjs"), await sample("## React Native", "js"));
  return (await import(pathToFileURL(join(folder, "storage.mjs")).href)).storage;
}

test("the bundle contains nothing that Metro cannot compile", async () => {
  const bundled = await runInReactNative(folder);
  assert.equal(typeof bundled.scope.WebAssembly, "undefined");
  for (const syntax of [/\bimport\s*\(/, /import\.meta/, /\bstatic\s*\{/, /WebAssembly\./]) assert.doesNotMatch(bundled.code, syntax);
});

test("a client keeps its session in the key store by the storage of the README", async () => {
  const storage = await storageOfReadme();
  const { client, fetch } = await signedIn({ storage });
  fetch.next = ({ url }, answer) => {
    const AccessToken = { Token: "x".repeat(9000), ExpiresIn: 3600 };
    return url.endsWith("/RefreshToken") && answer(200, { DeviceToken: "device", AccessToken, RefreshToken: "r" });
  };
  await client.refresh();
  assert.equal(keyStore.keys.size, 6);
  const again = await UserServiceClient.create({ ...at, storage, fetch });
  assert.equal(again.session.accessToken.length, 9000);
  await again.signOut();
  assert.equal(keyStore.keys.size, 0);
});

test("a save that the end of the app interrupts leaves the old value", async () => {
  const storage = await storageOfReadme();
  const [old, longer] = ["é".repeat(3000), "è".repeat(5000)];
  await storage.save("key", old);
  for (const saves of [0, 1, 15]) {
    keyStore.saves = saves;
    await assert.rejects(storage.save("key", longer), /interrupted/);
    keyStore.saves = Infinity;
    assert.equal(await storage.load("key"), old);
  }
  await storage.save("key", longer);
  assert.equal(await storage.load("key"), longer);
});

test("any number of calls with an expired access token make one refresh", async () => {
  const { client, fetch } = await signedIn();
  fetch.expire();
  const trip = () => client.fetch("https://user.test/api/trips?x=1", { method: "POST", body: "trip" });
  const [{ deviceToken }, ...answers] = await Promise.all([client.profile(), trip(), trip(), trip()]);
  assert.equal(deviceToken, "device");
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200]);
  assert.equal(fetch.sentTo("RefreshToken").length, 1);
  assert.ok(fetch.sentTo("trips").every(({ body }) => body === "trip"));
});

test("the calls that a browser loads later are part of the bundle", async () => {
  const { client, fetch } = await signedIn();
  fetch.next = ({ url }, answer) => {
    if (url.includes("/UserExists?Email=a%40b.c")) return answer(200, { UserExists: true });
    if (url.endsWith("/change/INVITE")) return answer(200, { InstanceName: "Fleet" });
    if (url.endsWith("/CreateMultiple")) return answer(200, [{ DeviceToken: "many" }]);
  };
  assert.equal((await client.userExists({ email: "a@b.c" })).userExists, true);
  assert.equal((await client.joinInstance("INVITE")).instanceName, "Fleet");
  assert.equal((await client.registerMany({ quantity: 1 }))[0].deviceToken, "many");
});

test("fetch sends the access token to no other origin, whatever the address looks like", async () => {
  const { client, fetch } = await signedIn({ baseUrl: "https://user.test", apiOrigins: ["HTTPS://User.test:443/x", "http://[::1]:80"] });
  const hostile = ["\\@evil.test/", "@evil.test", ":x@evil.test/", ".evil.test/", ":8443/", ":443@evil.test", "\t.evil.test", "\n/", " /", "%2eevil.test/"];
  const addresses = [...hostile.map((rest) => `https://user.test${rest}`), "http://user.test/", " https://user.test", "/v1", "//user.test", "user.test"];
  const count = fetch.seen.length;
  for (const address of addresses) await assert.rejects(client.fetch(address), code("invalid-argument"), address);
  assert.equal(fetch.seen.length, count);
  for (const address of ["https://user.test", "https://USER.test:443?x", "https://user.test/#x", "http://[::1]/"]) assert.equal((await client.fetch(address)).status, 200, address);
});

test("text of any length and script reaches the service and the app unchanged", async () => {
  const { client, fetch } = await signedIn();
  // The response needs more memory than the module has at first.
  const nickname = "añ€😀".repeat(400_000);
  fetch.next = ({ method }, answer) => method === "GET" && answer(200, { DeviceToken: "device", DateCreated: "", Status: "Active", UserProfile: { Nickname: nickname } });
  assert.ok((await client.profile()).userProfile.nickname === nickname);
  await client.update({ nickname });
  assert.ok(JSON.parse(fetch.seen.at(-1).body).Nickname === nickname);
});

test("without the option `storage` a client works and warns", async () => {
  const { client } = await signedIn({ storage: undefined });
  const warnings = [];
  client.onWarning((warning) => warnings.push(warning.code));
  assert.equal((await client.profile()).deviceToken, "device");
  assert.ok(warnings.length && warnings.every((code) => code === "storage"), warnings.join());
});

test("aborting, debugging and disposing work", async () => {
  const steps = [];
  const { client, fetch } = await signedIn({ debug: ({ path }) => path && steps.push(path) });
  assert.ok(steps.includes("/v1/Registration/Create"), steps.join());
  fetch.next = () => new Promise(() => {});
  const controller = new scope.AbortController();
  const [aborted, disposed] = [client.profile({ signal: controller.signal }), client.profile()].map((call) => call.catch((error) => error.code));
  controller.abort();
  assert.equal(await aborted, "aborted");
  client.dispose();
  assert.equal(await disposed, "disposed");
});

test("after an exception has passed through the module, every call rejects with `service`", { timeout: 10_000 }, async () => {
  const { app, scope } = await runInReactNative(folder);
  const { client, fetch } = await app.signedIn({ timeoutMs: 1000 });
  fetch.next = () => new Promise(() => {});
  const pending = client.refresh();
  await new Promise(setImmediate);
  // The engine would report the exception as uncaught.
  const [{ queueMicrotask }, thrown] = [scope, []];
  scope.queueMicrotask = (task) => queueMicrotask(() => {
    try {
      task();
    } catch (error) {
      thrown.push(error.message);
    }
  });
  scope.performance = { now: () => { throw new Error("no clock"); } };
  const asksForReload = (error) => app.code("service")(error) && /reload/.test(error.message);
  await assert.rejects(client.profile(), asksForReload);
  await assert.rejects(pending, asksForReload);
  await assert.rejects(client.signOut(), asksForReload);
  assert.deepEqual(thrown, ["no clock"]);
});
