// The shapes of the objects that pass between an app and the service: a table has a field for each name of JavaScript, and a field has
// the rule for its value. The names of the service differ in the first letter only: `firstName` is `FirstName`.
import { refuse } from "./errors.js";

const isText = (value) => typeof value === "string";
const isFlag = (value) => typeof value === "boolean";
const isObject = (value) => typeof value === "object" && value !== null;
const isGiven = (value) => value !== null && value !== undefined;
const onTheWire = (name) => name[0].toUpperCase() + name.slice(1);

/** A field: whether a value is valid, and the value that an absent field reads as. Without `absent` the field is required. */
export const text = { isValid: isText, absent: null };
export const textOr = (absent) => ({ isValid: isText, absent });
export const requiredText = { isValid: isText };
export const flag = { isValid: isFlag, absent: null };
export const flagOr = (absent) => ({ isValid: isFlag, absent });
export const whole = (least, most, absent) => ({ isValid: (value) => Number.isInteger(value) && value >= least && value <= most, absent });
export const oneOf = (...names) => ({ isValid: (value) => names.includes(value), absent: null });
/** One of these strings. Any other string, of a later version of the service, reads as `"Unknown"`. */
export const knownOr = (...names) => ({ isValid: isText, read: (value) => (names.includes(value) ? value : "Unknown") });
export const list = { isValid: Array.isArray, absent: [], read: (value) => [...value] };
/** An object of a table. If it is absent, it reads as an object without values. */
export const object = (table) => ({ isValid: isObject, absent: {}, table, read: (value) => fromWire(value, table) });
/** A list whose first item is an object of a table \[V\]; the object alone is accepted as well. */
export const firstOf = (table) => ({ ...object(table), read: (value) => fromWire((Array.isArray(value) ? value[0] : value) ?? {}, table) });

/** Checks an argument and returns a copy with the names of the service. Errors contain the name of the field, never its value. */
export function toWire(name, value, table, path = "") {
  const fail = (name, must) => refuse("invalid-argument", `${path}${name} ${must}.`);
  if (!isObject(value)) fail(name, "must be an object");
  const copy = {};
  for (const [name, field] of Object.entries(table)) {
    const given = value[name];
    if (isGiven(given) ? !field.isValid(given) : field.absent === undefined) fail(name, "has an invalid value");
    if (isGiven(given)) copy[onTheWire(name)] = field.table ? toWire(name, given, field.table, `${name}.`) : given;
  }
  // Most likely a typing mistake.
  for (const name of Object.keys(value)) if (!Object.hasOwn(table, name) && isGiven(value[name])) fail(name, "is unknown");
  return copy;
}

/** Returns a copy of a result with the names of JavaScript. */
export function fromWire(value, table) {
  if (!isObject(value)) undecodable();
  const copy = {};
  for (const [name, { isValid, absent, read = (value) => value }] of Object.entries(table)) {
    const found = value[onTheWire(name)];
    if (isGiven(found) ? !isValid(found) : absent === undefined) undecodable();
    copy[name] = isGiven(found) ? read(found) : isObject(absent) ? read(absent) : absent;
  }
  return copy;
}

/** Throws the error of a result that has another shape. */
export const undecodable = () => refuse("decode", "The response of the service could not be understood.");
