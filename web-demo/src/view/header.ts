import { html, type TemplateResult } from "lit-html";
import { isInThisBrowser } from "../own-service";
import type { State } from "../state";

/** The bar at the top: title, connected service, sign-in state. */
export function header(state: State): TemplateResult {
  const { settings, connected, mock, session } = state;
  const service = connected ? (mock === null ? "Service" : `Mock server ${mock.version}${isInThisBrowser(settings.service) ? " in this browser" : ""}`) : "Not connected";
  return html`
    <header class="bar">
      <h1>Telematics user client</h1>
      <p class="bar-fact" data-testid="connection">
        <span class="dot ${connected ? "dot-on" : ""}"></span>${service}
        <span class="mono quiet bar-address">${settings.service}</span>
      </p>
      <p class="bar-fact" data-testid="signed-in" role="status">${session === null ? "Not signed in" : "Signed in"}</p>
    </header>
  `;
}
