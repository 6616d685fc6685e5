// @ts-check
import { setTimeout as pause } from "node:timers/promises";

/** @typedef {import("./random.mjs").Random} Random */
/** @typedef {import("./stage.mjs").Stage} Stage */
/** @typedef {import("telematics-mock/server").NewFault} NewFault */

const calls = { path: "/v1/Management/*" };
const refreshes = { path: "/v1/Auth/RefreshToken" };

/** @typedef {{ fault: NewFault, codes: readonly string[], afterMs?: number }} FaultKind */

/**
 * Faults, each with the error codes that it explains. A login is never answered with a status that rejects the credentials, because
 * that signs the user out by rule 4.
 *
 * @type {Record<string, (random: Random, timeoutMs: number) => FaultKind>}
 */
const faults = {
  "lost refreshes": (random) => ({
    fault: { match: refreshes, times: random.between(1, 3), then: { commitThenDrop: true } },
    codes: ["network"],
  }),
  "refused refreshes": (random) => ({
    fault: { match: refreshes, times: random.between(1, 2), then: { status: random.pick([400, 401, 403, 404, 422]) } },
    codes: [],
  }),
  "truncated refreshes": (random) => ({
    fault: { match: refreshes, times: random.between(1, 2), then: { truncateBody: random.between(1, 60) } },
    codes: ["network", "decode"],
  }),
  "failing service": (random) => ({
    fault: { probability: random.pick([0.3, 1]), then: { status: random.pick([500, 502, 503]) } },
    codes: ["service"],
  }),
  "busy service": (random) => {
    const seconds = random.between(1, 2);
    const headers = { "Retry-After": String(seconds) };
    return { fault: { probability: 0.5, then: { status: 429, headers } }, codes: ["rate-limited"], afterMs: seconds * 1000 };
  },
  "broken connections": () => ({ fault: { probability: 0.4, then: { reset: true } }, codes: ["network"] }),
  "rejected calls": (random) => ({
    fault: { match: calls, times: random.between(1, 6), then: { status: 401 } },
    codes: ["unauthorized"],
  }),
  "slow service": (random, timeoutMs) => ({
    fault: { then: { delayMs: random.between(20, 200), jitterMs: random.between(0, 500) } },
    // The tabs share six connections. The time limit of a request that waits for one of them runs already.
    codes: ["timeout"],
    afterMs: timeoutMs,
  }),
  "answers after the time limit": (random, timeoutMs) => ({
    fault: { probability: 0.3, then: { delayMs: timeoutMs + random.between(100, 1_500) } },
    codes: ["timeout"],
    // A request that was delayed at the end of the fault still runs into its time limit.
    afterMs: timeoutMs,
  }),
  "slow bodies": (random) => ({ fault: { match: refreshes, then: { dribbleMs: random.between(100, 1_500) } }, codes: [] }),
};

/** @param {Stage} stage @param {Random} random @param {string} name @param {FaultKind} kind */
async function inject({ mock, invariants }, random, name, { fault, codes, afterMs }) {
  const lasts = random.between(300, 5_000);
  const end = invariants.explanations.open(name, codes, { afterMs });
  const id = await mock.faults.add(fault);
  await pause(lasts);
  await mock.faults.remove(id);
  end();
}

/** Tokens that the service no longer accepts. A call during which that happens twice can be rejected twice. */
const EXPIRY = ["unauthorized"];

/** @type {Record<string, (stage: Stage, random: Random) => Promise<void>>} */
const others = {
  async "expired access token"({ mock, invariants }) {
    invariants.explanations.note("expiry", EXPIRY);
    await mock.expire(String(invariants.deviceToken), "access");
  },
  async "expired tokens"({ mock, invariants }) {
    invariants.explanations.note("expiry", EXPIRY);
    await mock.expire(String(invariants.deviceToken), "all");
  },
  async "clock moved forward"({ mock, invariants }, random) {
    invariants.explanations.note("expiry", EXPIRY);
    await mock.clock.advance(random.pick(["5s", "10m", "2d", "91d"]));
  },
  async "clock set back"({ mock, invariants }) {
    invariants.explanations.note("expiry", EXPIRY);
    await mock.clock.reset();
  },
  async "closed tab"(stage, random) {
    await stage.replaceTab(random, (tab) => tab.close());
  },
  async "crashed tab"(stage, random) {
    await stage.replaceTab(random, (tab) => tab.crash());
  },
  async "frozen tab"(stage, random) {
    const lasts = random.between(300, 14_000);
    const tab = stage.pickTab(random);
    if (!tab) return;
    // After the pause the timers of the tab fire, before it reads the answers that arrived meanwhile.
    const end = stage.invariants.explanations.open("frozen tab", ["timeout", "network"], { tab: tab.number, afterMs: 2_000 });
    const begun = performance.now();
    await tab.freeze(true);
    await pause(lasts);
    await tab.freeze(false);
    stage.invariants.excuse(tab.number, performance.now() - begun);
    end();
  },
  async "offline tab"(stage, random) {
    const tab = stage.pickTab(random);
    if (tab) await offline(stage, random, [tab]);
  },
  async "offline computer"(stage, random) {
    await offline(stage, random, stage.tabs.filter(({ isReady }) => isReady));
  },
};

/** @param {Stage} stage @param {Random} random @param {import("./tab.mjs").Tab[]} tabs */
async function offline({ invariants }, random, tabs) {
  const lasts = random.between(300, 4_000);
  const ends = tabs.map(({ number }) => invariants.explanations.open("offline", ["network"], { tab: number }));
  for (const tab of tabs) await tab.setOffline(true);
  await pause(lasts);
  for (const tab of tabs) await tab.setOffline(false);
  for (const end of ends) end();
}

/**
 * Every disturbance by its name. Each makes its choices with random numbers of its own, so that its timing changes no other choice.
 *
 * @type {Record<string, (stage: Stage, random: Random) => Promise<void>>}
 */
export const disturbances = { ...others };
for (const [name, kind] of Object.entries(faults)) {
  disturbances[name] = (stage, random) => inject(stage, random, name, kind(random, stage.options.timeoutMs));
}
