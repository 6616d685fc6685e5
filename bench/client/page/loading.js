// @ts-check
import { loadClient } from "./load-client.js";

/** How long it takes from the import to a client, in milliseconds. @param {import("./load-client.js").Options} options */
export default async function loading(options) {
  const { client, times } = await loadClient(options);
  client.dispose();
  return times;
}
