// The entries for frameworks as the package ships them: each bundled into one minified file.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import "./dom.mjs";
import "@angular/compiler";
import { rolldown } from "rolldown";

const frameworks = { react: ["react"], vue: ["vue"], svelte: [], angular: ["@angular/core", "rxjs"] };
const address = (name) => new URL(`../../client-wasm/npm/${name}`, import.meta.url);
const { exports, files, peerDependencies, peerDependenciesMeta } = JSON.parse(await readFile(address("package.json"), "utf8"));

/** The bundled file of an entry. */
async function bundled(name) {
  const checks = { moduleLevelDirective: false };
  const bundle = await rolldown({ input: fileURLToPath(address(`${name}.js`)), external: Object.keys(peerDependencies), checks });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  return output[0];
}

for (const [name, imports] of Object.entries(frameworks)) {
  test(`the entry for ${name} imports nothing at run time but ${imports.join(" and ") || "itself"}`, async () => {
    const entry = await bundled(name);
    assert.deepEqual(entry.imports, imports);
    for (const peer of imports) assert.deepEqual(peerDependenciesMeta[peer], { optional: true });
  });

  test(`the entry for ${name} exports what its types declare`, async () => {
    const types = await readFile(address(`${name}.d.ts`), "utf8");
    const declared = [...types.matchAll(/^export (?:function|const) (\w+)/gm)].map(([, name]) => name);
    assert.deepEqual(declared.sort(), Object.keys(await import(`telematics-user-client/${name}`)).sort());
    assert.deepEqual(exports[`./${name}`], { types: `./${name}.d.ts`, default: `./${name}.js` });
    for (const file of [`${name}.js`, `${name}.d.ts`]) assert.ok(files.includes(file), file);
  });
}

test("the entry for react is marked as code of the client, for frameworks that render on a server", async () => {
  assert.match((await bundled("react")).code, /^"use client";/);
});
