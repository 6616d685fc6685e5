// Calls without a client: each sends one request and keeps nothing.
import { refuse } from "./errors.js";
import { setWasm } from "./loading.js";
import { call, load, wasm } from "./module.js";
import { registrationArguments, updateArguments } from "./user.js";

async function stateless(service, begin) {
  if (service?.wasm) setWasm(service.wasm);
  await load();
  return call(begin);
}

export function register(service, user, options) {
  return stateless(service, () => wasm.register(service, ...registrationArguments(user), options));
}

export function refresh(service, tokens, options) {
  return stateless(service, () => wasm.refresh(service, tokens, options));
}

export function update(service, accessToken, changes, options) {
  return stateless(service, () => {
    if (typeof accessToken !== "string") refuse("invalid-argument", "accessToken must be a string.");
    return wasm.update(service, accessToken, ...updateArguments(changes), options);
  });
}
