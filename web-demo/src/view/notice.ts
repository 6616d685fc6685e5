import { html, nothing, type TemplateResult } from "lit-html";
import type { Panel } from "../panel";
import type { State } from "../state";

/** The report of a panel about its last action. Both live regions are always in the page, so that screen readers announce a change. */
export function notice(state: State, panel: Panel): TemplateResult {
  const report = state.notices.get(panel);
  return html`
    <div class="notice" role="status" id="report-${panel}-done" data-testid="${panel}-status">
      ${report?.tone === "done" ? html`<p>${report.text}</p>` : nothing}
    </div>
    <div class="notice notice-error" role="alert" id="report-${panel}-error" data-testid="${panel}-error">
      ${report?.tone === "error"
        ? html`
            <p>${report.text}</p>
            ${report.fields.length === 0
              ? nothing
              : html`<ul>
                  ${report.fields.map(({ key, message }) => html`<li>${key === "" ? nothing : html`<strong>${key}</strong>: `}${message}</li>`)}
                </ul>`}
            ${report.facts.length === 0 ? nothing : html`<p class="mono facts">${report.facts.join(" · ")}</p>`}
          `
        : nothing}
    </div>
  `;
}
