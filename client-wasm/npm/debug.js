// The option `debug`: reports what a client does, without tokens, keys, bodies and query strings.
import { path } from "./address.js";
import { refuse } from "./errors.js";
import { report } from "./listeners.js";

/** The path parameter of a call that joins an instance is an invite code, which lets anyone join. */
const INVITE_CODE = /(\/instances\/change\/).+/;

const QUIET = { step() {}, fetch() {}, turn: (tabs, wait, hold) => tabs?.turn(wait, hold) };

/** The functions that report the steps of one client to `debug`; without it they report nothing. */
export function observe(debug) {
  if (!debug) return QUIET;
  if (typeof debug !== "function") refuse("invalid-argument", "debug must be a function.");
  const step = (step, details) => {
    try {
      debug(Object.freeze({ step, at: performance.now(), ...details }));
    } catch (thrown) {
      report(thrown);
    }
  };
  return {
    step,

    fetch(fetch) {
      // The client refuses a `fetch` that is not a function.
      if (fetch && typeof fetch !== "function") return;
      return async (request) => {
        const call = { method: request.method, path: path(request.url).replace(INVITE_CODE, "$1…") };
        step("request-sent", call);
        try {
          const response = await (fetch ?? globalThis.fetch)(request);
          step("response-received", { ...call, status: response?.status });
          return response;
        } catch (thrown) {
          step("request-failed", call);
          throw thrown;
        }
      };
    },

    async turn(tabs, wait, hold) {
      step("lock-wanted");
      const release = await tabs?.turn(wait, hold);
      step(release ? "lock-acquired" : "lock-missed");
      return release && (() => (step("lock-released"), release()));
    },
  };
}
