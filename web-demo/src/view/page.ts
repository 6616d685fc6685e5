import { html, type TemplateResult } from "lit-html";
import type { Demo } from "../demo";
import type { State } from "../state";
import { callsPanel } from "./calls";
import { connectPanel } from "./connect";
import { faultsPanel } from "./faults";
import { header } from "./header";
import { logPanel } from "./log";
import { mockPanel } from "./mock";
import { loginPanel, registerPanel } from "./people";
import { sessionPanel } from "./session";
import { telematicsPanel } from "./telematics";
import { usersPanel } from "./users";

/** The whole page. */
export function page(state: State, demo: Demo): TemplateResult {
  return html`
    ${header(state)}
    <main>
      <div class="column">
        ${connectPanel(state, demo)} ${registerPanel(state, demo)} ${loginPanel(state, demo)}
      </div>
      <div class="column">
        ${sessionPanel(state, demo)} ${telematicsPanel(state, demo)} ${callsPanel(state, demo)} ${mockPanel(state, demo)}
        ${faultsPanel(state, demo)} ${usersPanel(state, demo)}
      </div>
      ${logPanel(state, demo)}
    </main>
  `;
}
