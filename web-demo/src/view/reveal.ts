import type { Panel } from "../panel";
import type { Notice, State } from "../state";

/** Scrolls to the result of the action that has just ended, if it is out of view, as on a phone, where the panels are below each other. */
export function revealResult(before: State | null, now: State): void {
  for (const [panel, notice] of now.notices) {
    if (before === null || notice === before.notices.get(panel)) continue;
    const place = resultOf(panel, notice);
    if (place !== null) bringIntoView(place);
  }
}

/** The element that shows the result of an action: a panel's report about it, or the session panel for a new session. */
function resultOf(panel: Panel, { tone }: Notice): Element | null {
  // The session panel also reports what no person has asked for.
  if (panel === "session") return null;
  const hasNewSession = tone === "done" && (panel === "register" || panel === "login");
  if (hasNewSession) return document.querySelector("[aria-labelledby=session-title]");
  return document.getElementById(`report-${panel}-${tone}`);
}

function bringIntoView(element: Element): void {
  const { top, bottom } = element.getBoundingClientRect();
  if (top >= 0 && bottom <= window.innerHeight) return;
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "nearest", behavior: isCalm ? "auto" : "smooth" });
}
