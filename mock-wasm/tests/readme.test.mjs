// @ts-check
// The examples of the documents that need no server, run without changes.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = new URL("../../", import.meta.url);

/** The first block of a document that contains some text. @param {string} document @param {string} text */
async function block(document, text) {
  const blocks = (await readFile(new URL(document, root), "utf8")).matchAll(/^```js\n(.*?)^```$/gms);
  const found = [...blocks].map(([, code = ""]) => code).find((code) => code.includes(text));
  assert.ok(found, `${document} has no block with ${text}`);
  return found;
}

/** Runs a module in the root of the repository, where its imports are found. @param {string} code */
const run = (code) => promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code], { cwd: fileURLToPath(root) });

test("the example of the README works", async () => {
  await run(await block("README.md", "createMock"));
});

test("the example of the package's README works", async () => {
  await run(await block("mock-wasm/npm/README.md", "createMock"));
});
