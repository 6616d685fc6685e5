// @ts-check
// Runs in every tab. The tab reports each session change, each warning and the outcome of each call through the function `report`.

/**
 * @typedef {"profile" | "update" | "fetch" | "refresh"} Verb
 * @typedef {{ type: "change", kind: string, origin: string }
 *   | { type: "warning", code: string }
 *   | { type: "settled", id: number, code: string | null, deviceToken: string | null }} TabEvent
 */

(() => {
  const entry = "/node_modules/telematics-user-client/index.js";
  const report = /** @type {(event: TabEvent) => void} */ (Reflect.get(globalThis, "report"));
  /** @type {import("telematics-user-client").UserServiceClient} */
  let client;
  /** @type {string} */
  let baseUrl;

  /** @type {Record<Verb, (signal: AbortSignal | undefined) => Promise<unknown>>} */
  const calls = {
    profile: (signal) => client.profile({ signal }),
    update: (signal) => client.update({ city: "Paris" }, { signal }),
    refresh: (signal) => client.refresh({ signal }),
    fetch: async (signal) => {
      const response = await client.fetch(`${baseUrl}/v1/Management/users`, { signal });
      await response.text();
      if (response.ok) return;
      throw { code: response.status >= 500 ? "service" : response.status === 429 ? "rate-limited" : `status ${response.status}` };
    },
  };

  /** The code of an error. Reading a body rejects with an error of the browser, whose `code` is a number. @param {any} error */
  const codeOf = (error) => {
    if (typeof error?.code === "string") return error.code;
    return { TypeError: "network", AbortError: "aborted" }[String(error?.name)] ?? String(error?.name ?? error);
  };

  Object.assign(globalThis, {
    soak: {
      /** Creates the client and resolves to the user. @param {import("telematics-user-client").ClientOptions} options */
      async start(options) {
        /** @type {typeof import("telematics-user-client")} */
        const { UserServiceClient } = await import(entry);
        ({ baseUrl } = options);
        client = await UserServiceClient.create(options);
        client.onSessionChange(({ kind, origin }) => report({ type: "change", kind, origin }));
        client.onWarning(({ code }) => report({ type: "warning", code }));
        return client.session?.deviceToken ?? null;
      },

      /** Registers the user. */
      register: async () => (await client.register({ firstName: "Ada" })).deviceToken,

      /** Begins calls and does not wait for them. @param {number[]} ids @param {Verb} verb @param {number | null} abortAfterMs */
      begin(ids, verb, abortAfterMs) {
        for (const id of ids) {
          const controller = abortAfterMs === null ? undefined : new AbortController();
          if (controller) setTimeout(() => controller.abort(), abortAfterMs ?? 0);
          const settled = (/** @type {string | null} */ code) =>
            report({ type: "settled", id, code, deviceToken: client.session?.deviceToken ?? null });
          calls[verb](controller?.signal).then(() => settled(null), (error) => settled(codeOf(error)));
        }
      },
    },
  });
})();
