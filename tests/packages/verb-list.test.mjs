// @ts-check
// The verbs of the control client: the same in every entry, and listed in the README.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { createMock } from "telematics-mock";
import { mockPage, mockServer } from "./shipped.mjs";

const readme = new URL("../../mock-wasm/npm/README.md", import.meta.url);

/** @type {import("telematics-mock/server").MockServer} */
let started;

before(async () => {
  started = await mockServer.startMockServer();
});

after(() => started.stop());

/**
 * The names of the functions of a handle and of the objects in it, such as `clock.advance`, in the order of the alphabet.
 *
 * @param {object} handle
 * @returns {string[]}
 */
function verbsOf(handle) {
  return namesOf(handle)
    .flatMap((name) => {
      const value = Reflect.get(handle, name);
      if (typeof value === "function") return [name];
      return typeof value === "object" && value !== null ? verbsOf(value).map((verb) => `${name}.${verb}`) : [];
    })
    .sort();
}

/** The names of the properties of an object and of its classes. @param {object} object @returns {string[]} */
function namesOf(object) {
  if (object === Object.prototype || Array.isArray(object)) return [];
  const own = Object.getOwnPropertyNames(object).filter((name) => name !== "constructor");
  return [...new Set([...own, ...namesOf(Object.getPrototypeOf(object))])];
}

/** The names in backticks in a text; names after `group.first` belong to the same group. @param {string} text */
function verbsIn(text) {
  const names = [...text.matchAll(/`([\w.]+)`/g)].map(([, name = ""]) => name);
  const [group, ...rest] = names[0]?.split(".") ?? [];
  return rest.length > 0 ? names.map((name) => (name.includes(".") ? name : `${group}.${name}`)) : names;
}

test("the handles of all entries have the same verbs, on a server and on an instance", async () => {
  const connections = [mockServer, mockPage].map(({ connectMockServer }) => connectMockServer(started.url));
  const ofServer = verbsOf(started).filter((name) => name !== "stop");
  for (const connection of connections) assert.deepEqual(verbsOf(connection), ofServer);
  const ofInstance = verbsOf(await started.createInstance());
  for (const connection of connections) assert.deepEqual(verbsOf(await connection.createInstance()), ofInstance);
});

test("the handle of a mock in the process of the test has the verbs of a server, and `fetch` and `free`", async () => {
  const mock = await createMock();
  const verbs = verbsOf(mock).filter((name) => !name.includes("Symbol"));
  assert.deepEqual(verbs, [...verbsOf(mockPage.connectMockServer(started.url)), "fetch", "free"].sort());
  assert.deepEqual(verbsOf(await mock.createInstance()), verbsOf(await started.createInstance()));
  mock.free();
});

test("the README lists exactly the verbs of a server and of an instance", async () => {
  const [, section = ""] = (await readFile(readme, "utf8")).split("## The verbs\n");
  const shared = [...section.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = ""]) => verbsIn(cell));
  const [, others = ""] = /A server also has (.*?);/.exec(section) ?? [];
  assert.deepEqual(verbsOf(await started.createInstance()), shared.toSorted());
  assert.deepEqual(verbsOf(mockPage.connectMockServer(started.url)), [...shared, ...verbsIn(others)].sort());
});
