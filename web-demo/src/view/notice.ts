import { html, nothing, type TemplateResult } from "lit-html";
import type { Place, State } from "../state";

/** What a part of the page says about its last action. Both live regions are always there, so that a change is read out. */
export function notice(state: State, place: Place): TemplateResult {
  const said = state.notices.get(place);
  return html`
    <div class="notice" role="status" data-testid="${place}-status">
      ${said?.tone === "done" ? html`<p>${said.text}</p>` : nothing}
    </div>
    <div class="notice notice-error" role="alert" data-testid="${place}-error">
      ${said?.tone === "error"
        ? html`
            <p>${said.text}</p>
            ${said.fields.length === 0
              ? nothing
              : html`<ul>
                  ${said.fields.map(({ key, message }) => html`<li>${key === "" ? nothing : html`<strong>${key}</strong>: `}${message}</li>`)}
                </ul>`}
            ${said.facts.length === 0 ? nothing : html`<p class="mono facts">${said.facts.join(" · ")}</p>`}
          `
        : nothing}
    </div>
  `;
}
