import { html, nothing, type TemplateResult } from "lit-html";
import type { Demo } from "../demo";
import type { UserStates } from "../mock-control";
import type { State } from "../state";
import { submitted } from "./form";
import { notice } from "./notice";
import { select } from "./select";

/** The choices of a field with these values. */
const choices = <T extends string>(...values: readonly T[]): Readonly<Record<T, T>> =>
  Object.fromEntries(values.map((value) => [value, value])) as Record<T, T>;

const states = choices<UserStates["state"]>("active", "deactivated", "deleted");
const accessTokens = choices<UserStates["accessToken"]>("none", "valid", "expired");
const refreshTokens = choices<UserStates["refreshToken"]>("none", "live", "used", "superseded", "revoked", "expired");

/** Adds a user in chosen states to the mock server. Hidden if the service is not a mock server. */
export function usersPanel(state: State, demo: Demo): TemplateResult | typeof nothing {
  if (state.mock === null) return nothing;
  const add = submitted((value) => {
    const chosen = <T extends string>(options: Readonly<Record<T, T>>, name: string): T => options[value(name) as T];
    void demo.addUser({
      state: chosen(states, "state"),
      accessToken: chosen(accessTokens, "accessToken"),
      refreshToken: chosen(refreshTokens, "refreshToken"),
    });
  });
  return html`
    <section class="aside" aria-labelledby="users-title" aria-busy=${state.busy.has("users")}>
      <h2 id="users-title">Add a user in any state</h2>
      <form @submit=${add}>
        ${select("users", "state", "State", states)}
        <div class="pair">
          ${select("users", "accessToken", "Access token", accessTokens)}
          ${select("users", "refreshToken", "Refresh token", refreshTokens)}
        </div>
        <div class="actions"><button type="submit">Add user</button></div>
      </form>
      ${notice(state, "users")}
    </section>
  `;
}
