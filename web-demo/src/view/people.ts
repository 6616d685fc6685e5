import { html, type TemplateResult } from "lit-html";
import type { NewUser } from "telematics-user-client";
import type { Demo } from "../demo";
import { demoInstance } from "../settings";
import type { State } from "../state";
import { field, submitted } from "./form";
import { notice } from "./notice";

/** A form for a new user. */
export function registerPanel(state: State, demo: Demo): TemplateResult {
  const register = submitted((value) => void demo.register(newUser(value)));
  return html`
    <section aria-labelledby="register-title" aria-busy=${state.busy.has("register")}>
      <h2 id="register-title">Register a user</h2>
      <form @submit=${register}>
        <div class="pair">
          ${field("register", { name: "firstName", label: "First name" })}
          ${field("register", { name: "lastName", label: "Last name" })}
        </div>
        <div class="pair">
          ${field("register", { name: "email", label: "E-mail", type: "email" })}
          ${field("register", { name: "phone", label: "Phone", type: "tel" })}
        </div>
        ${field("register", { name: "clientId", label: "Client ID (the user’s id in your own system)" })}
        <fieldset>
          <legend>Authorised by</legend>
          <label class="choice"><input type="radio" name="by" value="key" checked /> instance key</label>
          <span class="choice">
            <label class="choice"><input type="radio" name="by" value="invite" /> invite code</label>
            <input
              class="mono invite"
              name="inviteCode"
              .value=${demoInstance.inviteCode}
              aria-label="Invite code"
              autocomplete="off"
              spellcheck="false"
              @input=${chooseInvite}
            />
          </span>
        </fieldset>
        <div class="actions"><button type="submit" class="primary">Register</button></div>
      </form>
      ${notice(state, "register")}
    </section>
  `;
}

/** A form for an existing user. */
export function loginPanel(state: State, demo: Demo): TemplateResult {
  const login = submitted((value) => void demo.login(value("deviceToken")));
  return html`
    <section aria-labelledby="login-title" aria-busy=${state.busy.has("login")}>
      <h2 id="login-title">Log in</h2>
      <form @submit=${login}>
        <div class="with-button">
          ${field("login", { name: "deviceToken", label: "Device token", mono: true, required: true, value: state.addedUser ?? "" })}
          <button type="submit">Log in</button>
        </div>
      </form>
      ${notice(state, "login")}
    </section>
  `;
}

/** Selects the invite code as the authorisation when a person types one. */
function chooseInvite(event: Event): void {
  if (event.currentTarget instanceof HTMLInputElement) event.currentTarget.form?.querySelector<HTMLInputElement>("[name=by][value=invite]")?.click();
}

/** The fields that were filled in. Empty fields are not sent. */
function newUser(value: (name: string) => string): NewUser {
  const user: NewUser = {};
  for (const name of ["firstName", "lastName", "email", "phone"] as const) {
    if (value(name) !== "") user[name] = value(name);
  }
  if (value("clientId") !== "") user.userFields = { clientId: value("clientId") };
  if (value("by") === "invite") user.instanceInviteCode = value("inviteCode");
  return user;
}
