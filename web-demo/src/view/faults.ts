import { html, nothing, type TemplateResult } from "lit-html";
import type { Fault } from "telematics-mock/page";
import type { Demo } from "../demo";
import { describe, effects, targets } from "../mock-effects";
import type { State } from "../state";
import { submitted } from "./form";
import { notice } from "./notice";
import { select } from "./select";

const effectLabels = Object.fromEntries(Object.entries(effects).map(([value, { label }]) => [value, label]));
const targetLabels = Object.fromEntries(Object.entries(targets).map(([value, { label }]) => [value, label]));

/** Lets the mock server disturb the next request. Hidden if the service is not a mock server. */
export function faultsPanel(state: State, demo: Demo): TemplateResult | typeof nothing {
  if (state.mock === null) return nothing;
  const arm = submitted((value) => {
    const effect = effects[value("effect")];
    const target = targets[value("target")];
    if (effect !== undefined && target !== undefined) void demo.armFault(target.path, effect);
  });
  return html`
    <section class="aside" aria-labelledby="faults-title" aria-busy=${state.busy.has("faults")}>
      <h2 id="faults-title">Faults of the mock server</h2>
      <form @submit=${arm}>
        ${select("faults", "effect", "What happens", effectLabels)}
        <div class="with-button">
          ${select("faults", "target", "To the", targetLabels)}
          <button type="submit">Arm</button>
        </div>
      </form>
      ${notice(state, "faults")} ${state.faults.length === 0 ? nothing : list(state.faults, demo)}
    </section>
  `;
}

function list(faults: readonly Fault[], demo: Demo): TemplateResult {
  return html`
    <ul class="faults" data-testid="faults">
      ${faults.map(
        (fault) => html`
          <li>
            <span>${describe(fault.then)} <span class="quiet mono">${fault.match.path ?? "every request"}</span></span>
            <span class="quiet">${progress(fault)}</span>
            ${fault.then.hold === undefined || (fault.times === 0 && fault.held === 0)
              ? nothing
              : html`<button class="small" @click=${() => void demo.releaseFault(fault.id)}>Release</button>`}
          </li>
        `,
      )}
    </ul>
    <div class="actions"><button class="small" @click=${() => void demo.clearFaults()}>Remove all</button></div>
  `;
}

function progress({ fired, times, held }: Fault): string {
  if (held > 0) return held === 1 ? "holds 1 request" : `holds ${held} requests`;
  if (fired === 0) return "armed";
  return times === 0 ? "has happened" : `has happened ${fired} times`;
}
