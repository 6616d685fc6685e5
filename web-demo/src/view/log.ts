import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Demo } from "../demo";
import type { Exchange, Note, Outcome } from "../exchanges";
import { marksOf, type Mark } from "../marks";
import type { State } from "../state";
import { milliseconds } from "./time";

const meanings: Readonly<Record<Mark, string>> = {
  call: "",
  rejected: "token rejected",
  refresh: "new pair of tokens",
  login: "device-token login",
  register: "registration",
  repeat: "repeated",
};

/** The list of all HTTP exchanges of the client. */
export function logPanel(state: State, demo: Demo): TemplateResult {
  const { log } = state;
  const marks = marksOf(log);
  return html`
    <section class="log" aria-labelledby="log-title">
      <div class="section-head">
        <h2 id="log-title">Exchanges</h2>
        <p class="count" role="status"><span data-testid="exchange-count">${log.exchanges}</span>${tally(state, marks)}</p>
        <button class="small" ?disabled=${log.entries.length === 0} @click=${() => demo.clearLog()}>Clear</button>
      </div>
      <div class="log-scroll" tabindex="0" role="group" aria-labelledby="log-title">
        ${log.entries.length === 0
          ? html`<p class="empty">HTTP requests of the client appear here.</p>`
          : nothing}
        <ol data-testid="exchanges">
          ${repeat(
            log.entries,
            (entry) => entry.id,
            (entry) => (entry.kind === "note" ? noteRow(entry) : exchangeRow(entry, marks.get(entry.id) ?? "call")),
          )}
        </ol>
      </div>
    </section>
  `;
}

function tally({ log }: State, marks: ReadonlyMap<number, Mark>): string {
  const count = (mark: Mark): number => log.entries.filter((entry) => marks.get(entry.id) === mark).length;
  const parts = [
    [count("rejected"), "rejected"],
    [count("refresh"), count("refresh") === 1 ? "refresh" : "refreshes"],
    [count("login"), count("login") === 1 ? "login" : "logins"],
    [count("repeat"), "repeated"],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, name]) => ` · ${number} ${name}`)
    .join("");
}

function noteRow(note: Note): TemplateResult {
  return html`<li class="note note-${note.source}" data-testid="note">${note.text}</li>`;
}

function exchangeRow(exchange: Exchange, mark: Mark): TemplateResult {
  const { outcome } = exchange;
  return html`
    <li class="exchange mark-${mark}" data-testid="exchange" data-mark=${mark}>
      <span class="method">${exchange.method}</span>
      <span class="path">${exchange.path}</span>
      <span class="status ${statusClass(outcome)}">${statusText(outcome)}</span>
      <span class="duration">${outcome.state === "pending" ? "" : milliseconds(outcome.duration)}</span>
      <span class="meaning ${isRefused(mark, outcome) || outcome.state === "failed" ? "status-bad" : ""}">${meaning(mark, outcome)}</span>
      <span class="jwt">${exchange.jwt === null ? nothing : html`<abbr title="The end of the access token that was sent">JWT</abbr> ${exchange.jwt}`}</span>
    </li>
  `;
}

/** Whether the service refused the call for another reason than its access token. */
function isRefused(mark: Mark, outcome: Outcome): boolean {
  return outcome.state === "answered" && outcome.status >= 400 && mark !== "rejected";
}

function meaning(mark: Mark, outcome: Outcome): string {
  if (outcome.state === "failed") return outcome.reason;
  return isRefused(mark, outcome) ? "refused" : meanings[mark];
}

function statusText(outcome: Outcome): string {
  switch (outcome.state) {
    case "pending":
      return "…";
    case "failed":
      return "–";
    case "answered":
      return String(outcome.status);
  }
}

function statusClass(outcome: Outcome): string {
  if (outcome.state === "pending") return "status-pending";
  if (outcome.state === "failed" || outcome.status >= 500) return "status-bad";
  if (outcome.status === 401) return "status-unauthorized";
  return outcome.status >= 400 ? "status-bad" : "status-good";
}
