// Copies of the package. Each has a WebAssembly module of its own, because a module is loaded once and stays broken once it has failed.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const npm = fileURLToPath(new URL("../npm/", import.meta.url));

/** A copy without the named files, which is removed after the test: `load(entry)` imports an entry of it. */
export async function freshPackage(t, { without = [] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "telematics-user-client-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(npm, folder, { recursive: true, filter: (path) => !["node_modules", ...without].includes(basename(path)) });
  return { folder, load: (entry = "index.js") => import(pathToFileURL(join(folder, entry))) };
}
