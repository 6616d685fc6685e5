// @ts-check
import { loadClient } from "./load-client.js";

/**
 * The same request by `client.fetch` and by `fetch` in turn: how long each takes until its response, in milliseconds.
 *
 * @param {{ options: import("./load-client.js").Options, path: string, warmUp: number, pairs: number }} given
 */
export default async function fetching({ options, path, warmUp, pairs }) {
  const { client } = await loadClient(options);
  const { accessToken } = client.session ?? (await client.register());
  const url = options.baseUrl + path;
  const headers = { Authorization: `Bearer ${accessToken}` };
  /** @param {() => Promise<Response>} send */
  const side = (send) => ({ send, times: /** @type {number[]} */ ([]) });
  const ours = side(() => client.fetch(url));
  const plain = side(() => fetch(url, { headers }));
  for (let pair = 0; pair < warmUp + pairs; pair++) {
    // The order changes from pair to pair, so that neither side always follows the other.
    for (const { send, times } of pair % 2 ? [ours, plain] : [plain, ours]) {
      const begun = performance.now();
      const response = await send();
      const time = performance.now() - begun;
      if (response.status !== 200) throw new Error(`a call was answered with ${response.status}`);
      await response.text();
      if (pair >= warmUp) times.push(time);
    }
  }
  client.dispose();
  return { client: ours.times, plain: plain.times };
}
