import type { FaultEffect } from "telematics-mock/page";

/** An effect that the page offers, with its name for people. */
export interface Effect {
  readonly label: string;
  readonly then: FaultEffect;
}

/** The effects that the page offers, by the value of their option. */
export const effects: Readonly<Record<string, Effect>> = {
  "gateway-timeout": { label: "504 of a gateway, after the call ran", then: { preset: "gateway-timeout" } },
  lost: { label: "No response, after the call ran", then: { commitThenDrop: true } },
  hold: { label: "Response held until it is released", then: { hold: "response" } },
  "captive-portal": { label: "Sign-in page of a network (200, HTML)", then: { preset: "captive-portal" } },
  "waf-html": { label: "Page of a firewall (403, HTML)", then: { preset: "waf-html" } },
  "empty-200": { label: "Empty response (200)", then: { preset: "empty-200" } },
  "rate-limited": { label: "Too many requests (429)", then: { preset: "rate-limited" } },
};

/** The requests that a fault of the page can hit, by the value of their option. */
export const targets: Readonly<Record<string, { readonly label: string; readonly path: string }>> = {
  refresh: { label: "next refresh", path: "/v1/Auth/RefreshToken" },
  call: { label: "next call", path: "/v1/*" },
};

/** An effect in a few words. */
export function describe(then: FaultEffect): string {
  const known = Object.values(effects).find((effect) => JSON.stringify(effect.then) === JSON.stringify(then));
  return known?.label ?? JSON.stringify(then);
}
