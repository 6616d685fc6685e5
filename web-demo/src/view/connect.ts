import { html, type TemplateResult } from "lit-html";
import type { Demo } from "../demo";
import { isInThisBrowser } from "../own-service";
import type { State } from "../state";
import { field, submitted } from "./form";
import { notice } from "./notice";

/** A form for the service and the instance. */
export function connectPanel(state: State, demo: Demo): TemplateResult {
  const { settings } = state;
  const connect = submitted((value) => {
    void demo.connect({ service: value("service"), instanceId: value("instanceId"), instanceKey: value("instanceKey") });
  });
  return html`
    <section aria-labelledby="connect-title" aria-busy=${state.busy.has("connect")}>
      <h2 id="connect-title">Connect</h2>
      <form @submit=${connect}>
        ${field("connect", {
          name: "service",
          label: "Service",
          type: "url",
          value: settings.service,
          mono: true,
          required: true,
          ...(isInThisBrowser(settings.service) && { hint: "It runs in this browser, in a service worker, and needs no server. All tabs share it; its state stays here." }),
        })}
        ${field("connect", { name: "instanceId", label: "Instance ID", value: settings.instanceId, mono: true, required: true })}
        ${field("connect", {
          name: "instanceKey",
          label: "Instance key",
          type: "password",
          value: settings.instanceKey,
          mono: true,
          hint: "A secret. The page does not store it. Optional.",
        })}
        <div class="actions"><button type="submit">Connect</button></div>
      </form>
      ${notice(state, "connect")}
    </section>
  `;
}
