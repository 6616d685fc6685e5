import type { Exchange, Log } from "./exchanges";

/** The role of an exchange in a session. */
export type Mark = "call" | "rejected" | "refresh" | "login" | "register" | "repeat";

/** The role of every exchange of the log, by its id. */
export function marksOf(log: Log): ReadonlyMap<number, Mark> {
  const marks = new Map<number, Mark>();
  const rejected: Exchange[] = [];
  const renewedAt: number[] = [];
  for (const exchange of log.entries) {
    if (exchange.kind !== "exchange") continue;
    const mark = markOf(exchange, rejected, renewedAt);
    marks.set(exchange.id, mark);
    const { outcome } = exchange;
    if (outcome.state !== "answered") continue;
    if (mark === "rejected") rejected.push(exchange);
    if ((mark === "refresh" || mark === "login") && outcome.status === 200) renewedAt.push(outcome.at);
  }
  return marks;
}

function markOf(exchange: Exchange, rejected: Exchange[], renewedAt: readonly number[]): Mark {
  const path = exchange.path.toLowerCase();
  if (path.endsWith("/auth/refreshtoken")) return "refresh";
  if (path.endsWith("/auth/login")) return "login";
  if (path.includes("/registration/")) return "register";
  const first = rejected.findIndex((earlier) => isRepeated(earlier, exchange, renewedAt));
  if (first >= 0) {
    rejected.splice(first, 1);
    return "repeat";
  }
  return exchange.outcome.state === "answered" && exchange.outcome.status === 401 ? "rejected" : "call";
}

/** Whether `later` repeats `earlier`, which was answered with 401, after the session was renewed. */
function isRepeated(earlier: Exchange, later: Exchange, renewedAt: readonly number[]): boolean {
  return (
    earlier.method === later.method &&
    earlier.path === later.path &&
    earlier.outcome.state === "answered" &&
    earlier.outcome.at <= later.startedAt &&
    renewedAt.some((at) => earlier.startedAt < at && at <= later.startedAt)
  );
}
