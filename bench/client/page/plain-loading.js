// @ts-check
/** How long it takes to fetch the files that the package consists of, one after the other, in milliseconds. */
export default async function plainLoading() {
  const begun = performance.now();
  for (const path of ["/package/index.js", "/package/wasm/client_bg.wasm"]) await (await fetch(path)).arrayBuffer();
  return performance.now() - begun;
}
