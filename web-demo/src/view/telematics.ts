import { html, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Demo } from "../demo";
import type { State, Switch } from "../state";
import { notice } from "./notice";

const switches: readonly { readonly name: Switch; readonly label: string; readonly hint: string }[] = [
  { name: "enableTracking", label: "Tracking", hint: "The SDK tracks motion." },
  { name: "enableLogging", label: "Logging", hint: "Debug mode; uses more battery." },
  { name: "enableRealTimeLocation", label: "Real-time location", hint: "Sends the position in real time." },
  { name: "enabled", label: "Account", hint: "Switching it off deactivates the user." },
];

/** The user's telematics parameters as switches. */
export function telematicsPanel(state: State, demo: Demo): TemplateResult {
  return html`
    <section aria-labelledby="telematics-title" aria-busy=${state.switching.size > 0}>
      <h2 id="telematics-title">Telematics</h2>
      <div class="switches">${switches.map(({ name, label, hint }) => telematicsSwitch(state, demo, name, label, hint))}</div>
      ${notice(state, "telematics")}
    </section>
  `;
}

function telematicsSwitch(state: State, demo: Demo, name: Switch, label: string, hint: string): TemplateResult {
  const shown = state.switching.get(name) ?? state.user?.userFields[name];
  const change = (event: Event): void => {
    if (!(event.currentTarget instanceof HTMLInputElement)) return;
    const { checked } = event.currentTarget;
    if (name === "enabled" && !checked && !confirm("Deactivate this user? Only an admin can undo this.")) {
      event.currentTarget.checked = true;
      return;
    }
    void demo.switch(name, checked);
  };
  return html`
    <label class="switch">
      <span class="switch-text">
        <span>${label}</span>
        <span class="hint" id="${name}-hint">${hint}</span>
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-label=${label}
        aria-describedby="${name}-hint"
        .checked=${live(shown ?? false)}
        ?disabled=${shown === undefined}
        @change=${change}
      />
    </label>
  `;
}
