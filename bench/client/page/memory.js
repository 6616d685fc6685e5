// @ts-check
import { loadClient } from "./load-client.js";

/**
 * The size of the WebAssembly memory before and after many refreshes, in bytes.
 *
 * @param {{ options: import("./load-client.js").Options, refreshes: number }} given
 */
export default async function memoryOfRefreshes({ options, refreshes }) {
  const { client, memory } = await loadClient(options);
  await client.register();
  const before = memory.buffer.byteLength;
  for (let count = 0; count < refreshes; count++) await client.refresh();
  const after = memory.buffer.byteLength;
  client.dispose();
  return { before, after };
}
