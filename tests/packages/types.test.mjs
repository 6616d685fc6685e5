// @ts-check
// Apps that compile against the types of the packed packages.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { beside, install } from "./clean-app.mjs";
import { packages } from "./install.mjs";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const resolutions = { node16: "Node16", bundler: "ES2022" };

const strict = {
  target: "ES2022",
  lib: ["ES2022", "DOM"],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
};

const app = `import { UserServiceClient, UserServiceError, refresh, type ErrorCode } from "telematics-user-client";

export async function tokenOf(): Promise<string | undefined> {
  using client = await UserServiceClient.create({ baseUrl: "https://user.test", instanceId: "id" });
  try {
    return (await client.profile()).deviceToken;
  } catch (error) {
    const code: ErrorCode | undefined = error instanceof UserServiceError ? error.code : undefined;
    if (code === "session-expired") return undefined;
    throw error;
  }
}

// @ts-expect-error An optional property is absent or has a value.
void UserServiceClient.create({ baseUrl: "https://user.test", instanceId: undefined });
// @ts-expect-error The types are not \`any\`.
void refresh(1, 2);
`;

/** The imports of all entries of an installed package. @param {string} folder @param {string} name */
async function importsOf(folder, name) {
  const manifest = await readFile(join(folder, "node_modules", name, "package.json"), "utf8");
  const entries = Object.entries(JSON.parse(manifest).exports).filter(([, { types }]) => types);
  return entries.map(([entry]) => `export * as ${`${name}${entry}`.replace(/\W/g, "_")} from "${name}${entry.slice(1)}";`);
}

for (const compiler of ["typescript", "typescript-5"]) {
  const { version } = require(`${compiler}/package.json`);
  for (const [moduleResolution, module] of Object.entries(resolutions)) {
    test(`TypeScript ${version} compiles an app with all entries under the resolution ${moduleResolution}`, async (t) => {
      // The types of an entry for a framework need the package of the framework.
      const folder = await install(t, { "app.ts": app }, beside);
      await writeFile(join(folder, "entries.ts"), (await Promise.all(packages.map((name) => importsOf(folder, name)))).flat().join("\n"));
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: { ...strict, module, moduleResolution } }));
      const { stdout } = await run(process.execPath, [join(dirname(require.resolve(`${compiler}/package.json`)), "bin/tsc")], { cwd: folder }).catch(
        (failure) => failure,
      );
      assert.equal(stdout, "");
    });
  }
}
