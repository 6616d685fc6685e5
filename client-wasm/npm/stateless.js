// Calls without a client: each sends one request and keeps nothing.
import { refuse } from "./errors.js";
import { setWasm } from "./loading.js";
import { call, load, wasm } from "./module.js";
import { toWire } from "./shapes.js";
import { newUser, userChanges } from "./user.js";

async function stateless(service, begin) {
  if (service?.wasm) setWasm(service.wasm);
  await load();
  return call(begin);
}

export function register(service, user, options) {
  return stateless(service, () => wasm.register(service, ...registration(user), options));
}

export function refresh(service, tokens, options) {
  return stateless(service, () => wasm.refresh(service, tokens, options));
}

export function update(service, accessToken, changes, options) {
  return stateless(service, () => {
    if (typeof accessToken !== "string") refuse("invalid-argument", "accessToken must be a string.");
    return wasm.update(service, accessToken, ...changed(changes), options);
  });
}

/** The arguments of a registration: the user as JSON, and whether the user has an invite code. */
export function registration(user = {}) {
  const body = toWire("user", user, newUser);
  return [JSON.stringify(body), body.InstanceInviteCode !== undefined];
}

/** The arguments of an update: the changes as JSON, and whether the password changes. */
export function changed(changes) {
  const body = toWire("changes", changes, userChanges);
  return [JSON.stringify(body), body.NewPassword !== undefined];
}
