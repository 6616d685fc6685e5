// Compiles and bundles sources of an app, as the bundler of the app does.
import { basename, extname, join } from "node:path";
import { rolldown } from "rolldown";
import { compile } from "svelte/compiler";
import { compileScript, parse } from "vue/compiler-sfc";

/** The JavaScript of a component file of Vue or of Svelte. */
const compilers = {
  ".vue": (source, id) => compileScript(parse(source, { filename: id }).descriptor, { id, inlineTemplate: true }).content,
  ".svelte": (source, id, platform) => compile(source, { filename: id, generate: platform === "browser" ? "client" : "server" }).js.code,
};

let loaded = 0;

/**
 * Bundles the files of an app, whose first one is its entry, and imports the bundle. `replaced` maps imports of the app to the URLs of
 * other modules. Frameworks are not bundled, except for Svelte, whose code depends on the platform.
 */
export async function load(files, { platform = "browser", replaced = {} } = {}) {
  const [entry] = Object.keys(files);
  const folder = import.meta.dirname;
  const source = (id) => (id === join(folder, basename(id)) ? files[basename(id)] : undefined);
  const sources = {
    name: "sources",
    resolveId(specifier, importer) {
      const name = specifier.replace(/^\.\//, "");
      if (name in files) return join(folder, name);
      if (replaced[specifier]) return { id: replaced[specifier], external: true };
      const isBundled = /^svelte(\/|$)/.test(specifier) || source(importer) === undefined;
      return isBundled ? null : { id: import.meta.resolve(specifier), external: true };
    },
    load: (id) => source(id) ?? null,
    transform: (code, id) => (source(id) && compilers[extname(id)]?.(code, id, platform)) ?? null,
  };
  const bundle = await rolldown({ input: entry, platform, plugins: [sources], transform: { decorator: { legacy: true } } });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  // A module with an address of its own runs, even if an equal one has run before.
  const code = `${output[0].code}// ${(loaded += 1)}`;
  return import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);
}
