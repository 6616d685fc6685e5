// @ts-check
// Disturbs four tabs of one user at random and checks that nobody is signed out, that no call hangs, and that every failure is explained.
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { until } from "../browser/until.mjs";
import { callAtRandom } from "./actions.mjs";
import { disturbances } from "./disturbances.mjs";
import { boundOfCall } from "./invariants.mjs";
import { Random } from "./random.mjs";
import * as report from "./report.mjs";
import { openStage } from "./stage.mjs";

/** @typedef {import("./stage.mjs").Stage} Stage */

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "5" }, seed: { type: "string" } },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
if (!(minutes > 0)) throw new Error("--minutes must be a number greater than zero");
if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) throw new Error("--seed must be a whole number from 0 to 4294967295");

/** How many disturbances can be active at once. */
const MOST_DISTURBANCES = 3;
const PROGRESS_MS = 5_000;
const CHECK_MS = 1_000;

console.log(`seed ${seed}, ${minutes} minutes; repeat the choices with --seed ${seed}`);
const stage = await openStage(seed);
const { invariants, journal, mock } = stage;
const random = new Random(seed);
const begun = performance.now();
/** How often each disturbance happened. @type {Map<string, number>} */
const disturbed = new Map();
/** The disturbances that are active. @type {Set<Promise<void>>} */
const active = new Set();

/** @param {string} task @param {Promise<void>} work */
const supervise = (task, work) => work.catch((error) => invariants.violate(`the soak itself failed (${task}): ${error}`));

function disturb() {
  const [name, itsOwn] = [random.pick(Object.keys(disturbances)), random.fork()];
  if (active.size >= MOST_DISTURBANCES) return;
  stage.log(`begin: ${name}`);
  disturbed.set(name, (disturbed.get(name) ?? 0) + 1);
  const running = supervise(name, disturbances[name]?.(stage, itsOwn) ?? Promise.resolve()).then(() => {
    stage.log(`end: ${name}`);
    active.delete(running);
  });
  active.add(running);
}

async function check() {
  const violation = await journal.follow();
  if (violation) invariants.violate(violation);
  invariants.findHangingCalls(new Set(stage.tabs.filter(({ isFrozen }) => isFrozen).map(({ number }) => number)));
}

const showProgress = () => console.log(report.progress(stage, (performance.now() - begun) / 1000, disturbed));

/** Calls and disturbances at random until the time is over. */
async function disturbTheTabs() {
  let [checked, shown] = [0, performance.now()];
  while (!invariants.violation && performance.now() - begun < minutes * 60_000) {
    if (random.next() < 0.8) await supervise("calls", callAtRandom(stage, random));
    else disturb();
    await pause(random.between(10, 200));
    if (performance.now() - checked > CHECK_MS) {
      await check();
      checked = performance.now();
    }
    if (performance.now() - shown > PROGRESS_MS) {
      showProgress();
      shown = performance.now();
    }
  }
}

/** After the disturbances every call settles, every tab makes a successful call, and four tabs share one refresh without a login. */
async function recover() {
  stage.log("the disturbances end");
  await Promise.all(active);
  await stage.reopenTabs();
  const limits = { withinMs: boundOfCall(stage.options.timeoutMs), everyMs: 100 };
  const settled = () => check().then(() => invariants.violation !== null || invariants.open.size === 0);
  await until("every call has settled", settled, limits);
  await until("the last effects are over", () => performance.now() > invariants.explanations.over, limits);
  await callFromEachTab();
  await until("every tab has made a call", settled, limits);
  // A refresh whose response was lost can have left a dead refresh token, which leads to a login once.
  const [first] = stage.tabs;
  await first?.begin(invariants.begin(first.number, "refresh", 1, false), "refresh", null);
  await until("one tab has renewed the tokens", settled, limits);
  const { logins, refreshes } = journal;
  await mock.expire(String(invariants.deviceToken), "access");
  // The barrier lets the service reject the calls of all tabs at the same moment.
  await mock.barriers.add({ match: { path: "/v1/Management/users" }, parties: stage.tabs.length });
  await callFromEachTab();
  await until("every tab has made a call with an expired access token", settled, limits);
  const [newLogins, newRefreshes] = [journal.logins - logins, journal.refreshes - refreshes];
  if (newLogins > 0 || newRefreshes !== 1) {
    invariants.violate(`without disturbances, one call in each tab with an expired access token led to ${newRefreshes} refreshes and ${newLogins} logins`);
  }
}

async function callFromEachTab() {
  await Promise.all(stage.tabs.map((tab) => tab.begin(invariants.begin(tab.number, "profile", 1, false), "profile", null)));
}

try {
  await disturbTheTabs();
  if (!invariants.violation) await supervise("recovery", recover());
  await check();
  showProgress();
  console.log(`\n${report.table(stage, disturbed)}\n`);
  console.log(invariants.violation ? report.violation(stage, seed) : `no violation in ${minutes} minutes (seed ${seed})`);
} finally {
  await stage.close();
}
process.exitCode = invariants.violation ? 1 : 0;
