// @ts-check
// Writes the files that the recipes show, and runs their tests with the packed packages.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { installPackage, packages } from "../../tests/packages/install.mjs";

const document = await readFile(new URL("../../docs/recipes.md", import.meta.url), "utf8");
const vitest = fileURLToPath(new URL("vitest.mjs", import.meta.resolve("vitest/package.json")));

/** The files of a section: their names, which the first line of each has as a comment, and their texts. @param {string} title */
function filesOf(title) {
  const [, section = ""] = document.split(`\n## ${title}\n`);
  const [text = ""] = section.split("\n## ");
  return [...text.matchAll(/^```js\n(\/\/ (\S+)\n.*?)^```$/gms)].map(([, code = "", name = ""]) => ({ name, code }));
}

for (const title of ["Vitest", "Mock Service Worker"]) {
  test(`the recipe for ${title} works without changes`, async () => {
    const folder = fileURLToPath(new URL(`written/${title.replaceAll(" ", "-")}`, import.meta.url));
    await rm(folder, { recursive: true, force: true });
    for (const name of packages) await installPackage(folder, name);
    const files = filesOf(title);
    assert.ok(files.length >= 4, `${files.length} files`);
    for (const { name, code } of files) await writeFile(join(folder, name), code);
    const { stdout } = await promisify(execFile)(process.execPath, [vitest, "run"], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1" },
    });
    const tests = files.filter(({ name }) => name.endsWith(".test.js")).length;
    assert.match(stdout, new RegExp(`Test Files +${tests} passed \\(${tests}\\)`), stdout);
  });
}
