// The tables of fields, compared with the types of the contract.
import assert from "node:assert/strict";
import { test } from "node:test";

import { joinedInstance, newTokens, newUsers, userExists, userQuery } from "../npm/on-demand.js";
import { fromWire, toWire } from "../npm/shapes.js";
import { newUser, userChanges, userRecord } from "../npm/user.js";
import { camelCase, wire } from "./wire.mjs";

const written = { newUser, newUsers, userChanges, userQuery };
const read = { userExists, joinedInstance, userRecord, newTokens };
const contract = { ...wire, newTokens: wire.tokens };

/** Values of every JSON type. */
const VALUES = ["text", 7, true, {}];
const kind = (value) => (Array.isArray(value) ? "list" : typeof value);

/** The paths of all fields of an object, those of inner objects included. */
function paths(value, path = []) {
  if (kind(value) !== "object" || value === null) return [path];
  const inner = Object.entries(value).flatMap(([name, field]) => paths(field, [...path, name]));
  return path.length ? [path, ...inner] : inner;
}

const at = (value, path) => path.reduce((value, name) => value[name], value);

/** A copy in which the field at the path has this value. */
function replaced(value, path, field) {
  const copy = structuredClone(value);
  at(copy, path.slice(0, -1))[path.at(-1)] = field;
  return copy;
}

const picked = (value, names) => Object.fromEntries(names.map((name) => [name, value[name]]));
const refuses = (code, message) => (error) => error.code === code && (message === undefined || error.message.startsWith(message));

/** A record as JavaScript sees it: the telematics parameters are an object. */
function asRead(name, value) {
  const copy = camelCase(value);
  return name === "userRecord" ? { ...copy, userFields: copy.userFields[0] } : copy;
}

for (const [name, table] of Object.entries(written)) {
  const { full, required, readFromRequired } = contract[name];
  const argument = camelCase(full);

  test(`${name} has every field of the contract and no other`, () => {
    assert.deepEqual(toWire(name, argument, table), full);
    assert.deepEqual(new Set(Object.keys(table)), new Set(Object.keys(argument)));
    for (const path of paths(argument).filter((path) => path.length > 1)) {
      assert.deepEqual(new Set(Object.keys(table[path[0]].table)), new Set(Object.keys(argument[path[0]])));
    }
    for (const path of paths(argument)) {
      const unknown = [...path.slice(0, -1), `${path.at(-1)}X`];
      const prefix = unknown.join(".");
      assert.throws(() => toWire(name, replaced(argument, unknown, "canary"), table), refuses("invalid-argument", `${prefix} `));
    }
  });

  test(`${name} requires the fields that the contract requires`, () => {
    const least = camelCase(picked(full, required));
    assert.deepEqual(toWire(name, least, table), readFromRequired);
    for (const absent of [undefined, null]) {
      const emptied = Object.fromEntries(Object.keys(argument).map((field) => [field, absent]));
      assert.deepEqual(toWire(name, { ...emptied, ...least }, table), readFromRequired);
    }
    for (const field of Object.keys(least)) {
      for (const absent of [undefined, null]) {
        assert.throws(() => toWire(name, replaced(argument, [field], absent), table), refuses("invalid-argument", `${field} `));
      }
    }
  });

  test(`${name} refuses values of another type, and errors do not contain them`, () => {
    for (const path of paths(argument)) {
      const valid = at(argument, path);
      for (const value of [...VALUES, "canary"].filter((value) => kind(value) !== kind(valid))) {
        const wrong = replaced(argument, path, value);
        assert.throws(() => toWire(name, wrong, table), (error) => {
          assert.ok(!error.message.includes("canary"), error.message);
          return refuses("invalid-argument", `${path.join(".")} `)(error);
        });
      }
    }
    for (const value of [undefined, null, "canary", 7, true]) {
      assert.throws(() => toWire(name, value, table), refuses("invalid-argument", `${name} must be an object`));
    }
  });
}

test("numbers are whole and in the range of the contract", () => {
  const u32 = wire.newUser.full.ChildrenCount;
  for (const table of [newUser, userChanges]) {
    assert.deepEqual(toWire("x", { childrenCount: 0 }, table), { ChildrenCount: 0 });
    for (const wrong of [-1, 1.5, u32 + 1, NaN, Infinity, "1"]) {
      assert.throws(() => toWire("x", { childrenCount: wrong }, table), refuses("invalid-argument", "childrenCount "));
    }
  }
  for (const quantity of [1, wire.maxQuantity]) assert.deepEqual(toWire("x", { quantity }, newUsers), { Quantity: quantity });
  for (const quantity of [0, wire.maxQuantity + 1, 1.5, "3"]) {
    assert.throws(() => toWire("x", { quantity }, newUsers), refuses("invalid-argument", "quantity "));
  }
});

test("every gender and every status of the contract is accepted, and no other", () => {
  const accepts = (table, field, names) => {
    for (const name of names) assert.ok(table[field].isValid(name), name);
    for (const other of ["canary", names[0].toLowerCase(), ""]) assert.ok(!table[field].isValid(other), other);
  };
  accepts(newUser, "gender", wire.genders);
  accepts(userChanges, "gender", wire.genders);
  accepts(userChanges, "status", wire.writtenStatuses);
  const record = (Status) => fromWire({ ...wire.userRecord.full, Status }, userRecord);
  for (const status of wire.readStatuses) assert.equal(record(status).status, status);
  assert.equal(record("Paused").status, "Unknown");
});

for (const [name, table] of Object.entries(read)) {
  const { full, required, readFromRequired } = contract[name];

  test(`${name} is read with every field of the contract and no other`, () => {
    assert.deepEqual(fromWire(full, table), asRead(name, full));
    assert.deepEqual(fromWire({ ...full, Later: "field" }, table), asRead(name, full));
  });

  test(`${name} is read with the defaults of the contract`, () => {
    const expected = asRead(name, readFromRequired);
    // The declared type of this name is a string.
    if (name === "joinedInstance") expected.instanceName = "";
    const nulls = Object.fromEntries(Object.keys(full).map((field) => [field, null]));
    for (const least of [picked(full, required), { ...nulls, ...picked(full, required) }]) {
      // The contract shows an absent device token by leaving it out.
      const absent = "deviceToken" in table ? { deviceToken: null } : {};
      assert.deepEqual(fromWire(least, table), { ...absent, ...expected });
    }
    for (const field of required) {
      for (const absent of [undefined, null]) {
        assert.throws(() => fromWire(replaced(full, [field], absent), table), refuses("decode"));
      }
    }
  });

  test(`${name} with a value of another type is a decode error`, () => {
    for (const path of paths(full)) {
      // A single object in the place of the list of telematics parameters is accepted.
      const isFirstOf = path.join() === "UserFields";
      for (const value of [...VALUES, []].filter((value) => kind(value) !== kind(at(full, path)) && !(isFirstOf && kind(value) === "object"))) {
        // A list is an object for JavaScript; it reads as one without fields.
        if (kind(value) === "list" && kind(at(full, path)) === "object") continue;
        assert.throws(() => fromWire(replaced(full, path, value), table), refuses("decode"), `${path.join(".")}: ${JSON.stringify(value)}`);
      }
    }
    for (const value of [undefined, null, "text", 7, true]) assert.throws(() => fromWire(value, table), refuses("decode"));
  });
}

test("the telematics parameters of a record are read from a list, from the object alone, and from an empty list", () => {
  const { full, readFromRequired } = wire.userRecord;
  const fields = (UserFields) => fromWire({ ...full, UserFields }, userRecord).userFields;
  assert.deepEqual(fields(full.UserFields), camelCase(full.UserFields[0]));
  assert.deepEqual(fields(full.UserFields[0]), camelCase(full.UserFields[0]));
  for (const empty of [[], {}, [{}]]) assert.deepEqual(fields(empty), camelCase(readFromRequired.UserFields[0]));
});

test("two results that are read from absent fields share no object", () => {
  const least = picked(wire.userRecord.full, wire.userRecord.required);
  const [first, second] = [fromWire(least, userRecord), fromWire(least, userRecord)];
  first.userWallets.push("mine");
  first.userProfile.firstName = "mine";
  assert.deepEqual(second.userWallets, []);
  assert.equal(second.userProfile.firstName, null);
});

test("an argument is not changed, and a field with the name of an inherited property is unknown", () => {
  const user = Object.freeze({ firstName: "Ada", userFields: Object.freeze({ enabled: false }) });
  assert.deepEqual(toWire("user", user, newUser), { FirstName: "Ada", UserFields: { Enabled: false } });
  assert.throws(() => toWire("user", { toString: "canary" }, newUser), refuses("invalid-argument", "toString is unknown"));
  assert.throws(() => toWire("user", { constructor: 1 }, newUser), refuses("invalid-argument", "constructor is unknown"));
});
