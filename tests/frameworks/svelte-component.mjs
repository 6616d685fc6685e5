// Compiles a Svelte component as the bundler of an app does.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { compile } from "svelte/compiler";

const entries = {
  client: (file) => `export { default } from ${file}; export { flushSync, hydrate, mount, unmount } from "svelte";`,
  server: (file) => `export { default } from ${file}; export { render } from "svelte/server";`,
};

/** The component in a file next to this one, with the functions of Svelte that render it on the `"client"` or on the `"server"`. */
export async function component(name, generate) {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const entry = "\0entry";
  const bundle = await rolldown({
    input: entry,
    platform: generate === "client" ? "browser" : "node",
    plugins: [
      {
        name: "svelte",
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? entries[generate](JSON.stringify(file)) : null),
        transform: async (_, id) => (id === file ? compile(await readFile(file, "utf8"), { filename: file, generate }).js.code : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  return import(`data:text/javascript;base64,${Buffer.from(output[0].code).toString("base64")}`);
}
