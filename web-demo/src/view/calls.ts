import { html, nothing, type TemplateResult } from "lit-html";
import type { User } from "telematics-user-client";
import type { Demo } from "../demo";
import type { State } from "../state";
import { notice } from "./notice";

/** Calls that need a session, and the user's record. */
export function callsPanel(state: State, demo: Demo): TemplateResult {
  const off = state.session === null;
  return html`
    <section aria-labelledby="calls-title" aria-busy=${state.busy.has("calls")}>
      <h2 id="calls-title">Calls</h2>
      <div class="actions">
        <button ?disabled=${off} @click=${() => void demo.readProfile()}>Read profile</button>
        <button ?disabled=${off} @click=${() => void demo.refresh()}>Refresh</button>
        <button ?disabled=${off} @click=${() => void demo.tenAtOnce()}>Ten calls at once</button>
      </div>
      ${notice(state, "calls")} ${state.user === null ? nothing : record(state.user)}
    </section>
  `;
}

function record(user: User): TemplateResult {
  return html`
    <details>
      <summary>The user’s record</summary>
      <pre data-testid="profile" tabindex="0">${JSON.stringify(user, null, 2)}</pre>
    </details>
  `;
}
