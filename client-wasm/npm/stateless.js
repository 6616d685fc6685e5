// Calls without a client: each sends one request and keeps nothing.
import { call, load, wasm } from "./module.js";

async function stateless(begin) {
  await load();
  return call(begin);
}

export function register(service, user, options) {
  return stateless(() => wasm.register(service, user, options));
}

export function refresh(service, tokens, options) {
  return stateless(() => wasm.refresh(service, tokens, options));
}

export function update(service, accessToken, changes, options) {
  return stateless(() => wasm.update(service, accessToken, changes, options));
}
