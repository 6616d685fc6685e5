// @ts-check
import { loadClient } from "./load-client.js";

/** @param {() => Promise<unknown>} work */
async function timed(work) {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/**
 * In each round: one refresh, simultaneous calls with the valid access token that it brought, and as many calls after the client
 * knows that the token has expired. All times are in milliseconds.
 *
 * @param {{ options: import("./load-client.js").Options, calls: number, rounds: number }} given
 */
export default async function renewing({ options, calls, rounds }) {
  const { client } = await loadClient(options);
  await client.register();
  let refreshes = 0;
  client.onSessionChange(({ kind }) => void (refreshes += Number(kind === "refreshed")));
  const all = () => Promise.all(Array.from({ length: calls }, () => client.profile()));
  await all();
  /** @type {{ refresh: number[], valid: number[], expired: number[] }} */
  const times = { refresh: [], valid: [], expired: [] };
  for (let round = 0; round < rounds; round++) {
    times.refresh.push(await timed(() => client.refresh()));
    times.valid.push(await timed(all));
    const lifetime = Number(client.session?.expiresAt) - Date.now();
    await new Promise((done) => setTimeout(done, lifetime + 10));
    times.expired.push(await timed(all));
  }
  client.dispose();
  if (refreshes !== 2 * rounds) throw new Error(`${rounds} rounds needed ${refreshes} refreshes instead of two each`);
  return times;
}
