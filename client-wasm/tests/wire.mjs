// The wire format of the contract; `wire.rs` compares the file with the types of the contract.
import { readFileSync } from "node:fs";

export const wire = JSON.parse(readFileSync(new URL("wire.json", import.meta.url)));

const inJavaScript = (name) => name[0].toLowerCase() + name.slice(1);

/** The names of the service as names of JavaScript, at every depth. */
export function camelCase(value) {
  if (Array.isArray(value)) return value.map(camelCase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [inJavaScript(name), camelCase(inner)]));
}
