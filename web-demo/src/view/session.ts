import { html, nothing, type TemplateResult } from "lit-html";
import type { Session } from "telematics-user-client";
import type { Demo } from "../demo";
import { shorten } from "../secrets";
import type { State } from "../state";
import { countdown, moment } from "./time";
import { notice } from "./notice";

/** The signed-in user, the tokens and their expiry. */
export function sessionPanel(state: State, demo: Demo): TemplateResult {
  const { session } = state;
  return html`
    <section aria-labelledby="session-title" aria-busy=${state.busy.has("session")}>
      <div class="section-head">
        <h2 id="session-title">Session</h2>
        ${lastChange(state)}
        ${session === null ? nothing : html`<button class="small" @click=${() => void demo.signOut()}>Sign out</button>`}
      </div>
      ${session === null
        ? html`<p class="empty">No user is signed in. Register a user, or log in with a device token.</p>`
        : tokens(session, state.now, demo)}
      ${notice(state, "session")}
    </section>
  `;
}

function lastChange({ lastChange }: State): TemplateResult | typeof nothing {
  if (lastChange === null) return nothing;
  return html`<span class="tag" data-testid="last-change">${lastChange.kind}${lastChange.origin === "other-tab" ? " in another tab" : ""}</span>`;
}

function tokens(session: Session, now: number, demo: Demo): TemplateResult {
  const { deviceToken, accessToken, expiresAt, refreshToken } = session;
  return html`
    <dl class="facts-list">
      <dt>Device token</dt>
      <dd>
        <code data-testid="device-token">${deviceToken}</code>
        <button class="small" aria-label="Copy device token" @click=${() => void demo.copy("Device token", deviceToken)}>Copy</button>
      </dd>
      <dt>Access token</dt>
      <dd>
        ${accessToken === null
          ? html`<span class="quiet">none</span>`
          : html`<code data-testid="access-token">${shorten(accessToken)}</code>
              <button class="small" aria-label="Copy access token" @click=${() => void demo.copy("Access token", accessToken)}>Copy</button>`}
      </dd>
      <dt>Expires</dt>
      <dd class="lines">
        ${expiresAt === null
          ? html`<span class="quiet">unknown</span>`
          : html`<span role="timer" data-testid="expires-in">${countdown(expiresAt, now)}</span>
              <time class="quiet" datetime=${expiresAt.toISOString()}>${moment(expiresAt)}</time>`}
      </dd>
      <dt>Refresh token</dt>
      <dd>
        ${refreshToken === null
          ? html`<span class="quiet">none</span>`
          : html`<code data-testid="refresh-token">${shorten(refreshToken)}</code>`}
      </dd>
    </dl>
  `;
}
