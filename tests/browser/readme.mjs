// @ts-check
// Code samples of the README of the package, which tests run unchanged.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

/**
 * The first code sample in a language after a text of the README of the package.
 *
 * @param {string} after
 * @param {string} language
 */
export async function sample(after, language) {
  const readme = await readFile(new URL("../../client-wasm/npm/README.md", import.meta.url), "utf8");
  const text = readme.split(after)[1]?.split(`\`\`\`${language}\n`)[1]?.split("```")[0];
  assert.ok(text, `the README has no ${language} after "${after}"`);
  return text;
}
