import { html, nothing, type TemplateResult } from "lit-html";
import type { Demo } from "../demo";
import type { State } from "../state";
import { notice } from "./notice";

/** Lets the mock server change the session without telling the client. Hidden if the service is not a mock server. */
export function mockPanel(state: State, demo: Demo): TemplateResult | typeof nothing {
  if (state.mock === null) return nothing;
  const off = state.session === null;
  return html`
    <section class="aside" aria-labelledby="mock-title" aria-busy=${state.busy.has("mock")}>
      <h2 id="mock-title">Mock server controls</h2>
      <div class="actions">
        <button ?disabled=${off} @click=${() => void demo.expire("access")}>Expire access token</button>
        <button ?disabled=${off} @click=${() => void demo.expire("refresh")}>Expire refresh token</button>
      </div>
      ${notice(state, "mock")}
    </section>
  `;
}
