// @ts-check
// Measures the client in Chromium and prints one line of JSON: every time in milliseconds, every size in bytes.
import { parseArgs } from "node:util";
import { startSetting } from "./setting.mjs";

const { values } = parseArgs({ options: { binary: { type: "string" }, rounds: { type: "string" }, refreshes: { type: "string" } } });
const [rounds, refreshes] = [Number(values.rounds), Number(values.refreshes)];
if (!values.binary || !(rounds > 0) || !(refreshes > 0)) throw new Error("usage: measure.mjs --binary PATH --rounds N --refreshes N");

/** Loads of each kind in a round. */
const LOADS = 15;
/** Loads until the browser has everything that it caches. */
const WARMING_LOADS = 3;
/** Pairs of calls in a round, and those before the first one that counts. */
const PAIRS = { pairs: 500, warmUp: 100 };
/** Expiries of the access token in a round. */
const EXPIRIES = 3;
/** How long an access token lives that is to expire, in seconds. */
const SHORT_LIFETIME = 2;

const setting = await startSetting(values.binary);
const { mock, options, run, runCold } = setting;
const demo = options(mock.instance);

/** @param {string} line */
const say = (line) => console.error(`  ${line}`);

/** The package and the baseline take turns, load by load. */
async function measureLoading() {
  const warm = { ours: await setting.newProfile(), plain: await setting.newProfile() };
  for (let load = 0; load < WARMING_LOADS; load++) {
    await run(warm.ours, "loading", demo);
    await run(warm.plain, "plain-loading");
  }
  /** @type {Record<"cold" | "plainCold" | "warm" | "plainWarm", unknown[]>} */
  const times = { cold: [], plainCold: [], warm: [], plainWarm: [] };
  for (let load = 1; load <= rounds * LOADS; load++) {
    times.cold.push(await runCold("loading", demo));
    times.plainCold.push(await runCold("plain-loading"));
    times.warm.push(await run(warm.ours, "loading", demo));
    times.plainWarm.push(await run(warm.plain, "plain-loading"));
    if (load % LOADS === 0) say(`loaded ${load} of ${rounds * LOADS} times`);
  }
  return times;
}

/** Each round has a page of its own. */
async function measureFetching() {
  const times = [];
  for (let round = 1; round <= rounds; round++) {
    times.push(await runCold("fetching", { options: demo, path: "/v1/Management/users", ...PAIRS }));
    say(`client.fetch and fetch, round ${round} of ${rounds}`);
  }
  return times;
}

async function measureRenewing() {
  const settings = { registrationTokenSeconds: SHORT_LIFETIME, loginTokenSeconds: SHORT_LIFETIME };
  const { instance } = await mock.createInstance({ settings });
  say(`waiting for ${rounds * EXPIRIES} access tokens to expire`);
  return runCold("renewing", { options: options(instance), calls: 100, rounds: rounds * EXPIRIES });
}

async function measureMemory() {
  say(`refreshing ${refreshes} times`);
  return runCold("memory", { options: demo, refreshes });
}

try {
  const [loading, fetching] = [await measureLoading(), await measureFetching()];
  const [renewing, memory] = [await measureRenewing(), await measureMemory()];
  console.log(JSON.stringify({ loading, fetching, renewing, memory }));
} finally {
  await setting.stop();
}
