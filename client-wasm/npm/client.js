import { UserServiceError, failure } from "./errors.js";
import { listen, notify } from "./listeners.js";
import { call, isBroken, load, wasm } from "./module.js";
import { Tabs } from "./tabs.js";

const created = Symbol();

/** How many warnings are kept while no listener is registered. */
const KEPT_WARNINGS = 10;

export class UserServiceClient {
  #wasm;
  #session = null;
  #fetch;
  #apiOrigins;
  #changes = new Set();
  #warnings = new Set();
  #missedWarnings = [];
  #tabs;

  static {
    // Every call of the WebAssembly client becomes a method of this class. Names with `_` are for this file alone.
    for (const name of Object.getOwnPropertyNames(wasm.Client.prototype)) {
      if (/^(_|constructor$|free$)/.test(name)) continue;
      // The key of a method becomes the name of the function, which stack traces show.
      const methods = {
        [name](...args) {
          return this.#call((client) => client[name](...args));
        },
      };
      Object.defineProperty(this.prototype, name, { value: methods[name], writable: true, configurable: true });
    }
  }

  constructor(key, options) {
    if (key !== created) throw new TypeError("Use UserServiceClient.create().");
    this.#wasm = new wasm.Client(options, {
      changed: (kind, session, origin) => this.#changed(kind, session, origin),
      warned: (code, message) => this.#warned({ code, message }),
      announce: () => this.#tabs?.announce(),
      turn: async (wait, hold) => this.#tabs?.turn(wait, hold),
    });
    this.#fetch = options.fetch;
    this.#apiOrigins = origins(options);
    // Apps hand these on as functions, to HTTP libraries and to frameworks.
    for (const name of ["fetch", "onSessionChange", "onWarning"]) this[name] = this[name].bind(this);
    const sharedKey = this.#wasm._sharedStorageKey;
    if (sharedKey !== undefined) this.#tabs = new Tabs(sharedKey, () => this.#sync());
  }

  static async create(options) {
    await load();
    let client;
    await call(async () => {
      client = new UserServiceClient(created, options);
      await client.#wasm._restore();
    });
    warnOfKey(options);
    return client;
  }

  async fetch(input, init) {
    let request;
    try {
      request = new Request(input, init);
    } catch (cause) {
      throw failure("invalid-argument", "input and init must form a valid request.", cause);
    }
    if (!this.#apiOrigins.has(new URL(request.url).origin)) {
      throw failure("invalid-argument", "input must have an origin listed in apiOrigins.");
    }
    const { signal } = request;
    const bearer = await this.#call((client) => client._bearer({ signal }));
    // A stream can be read only once. Without an access token there is nothing to renew.
    const once = init?.body instanceof ReadableStream || !bearer.accessToken;
    const first = await this.#send(once ? request : request.clone(), bearer);
    if (once || !wasm.rejectsAccessToken(first.status)) return first;
    const { accessToken, deviceToken } = bearer;
    const renewed = await this.#call((client) => client._renew(accessToken, deviceToken, { signal }));
    const second = await this.#send(request, renewed);
    if (!wasm.rejectsAccessToken(second.status)) return second;
    throw new UserServiceError({
      code: "unauthorized",
      message: "The access token was rejected twice.",
      status: second.status,
      cause: second,
    });
  }

  async #send(request, { headers, accessToken }) {
    for (const name in headers) request.headers.set(name, headers[name]);
    // On a redirect to another origin, browsers remove only the header "Authorization".
    if (!accessToken) request = new Request(request, { redirect: "error" });
    try {
      return await (this.#fetch ?? globalThis.fetch)(request);
    } catch (cause) {
      throw request.signal.aborted
        ? failure("aborted", "The call was aborted.", request.signal.reason)
        : failure("network", "No response arrived.", cause);
    }
  }

  get session() {
    return this.#session;
  }

  onSessionChange(listener) {
    return listen(this.#changes, listener);
  }

  onWarning(listener) {
    const stop = listen(this.#warnings, listener);
    for (const warning of this.#missedWarnings.splice(0)) notify(this.#warnings, warning);
    return stop;
  }

  dispose() {
    const client = this.#wasm;
    this.#wasm = undefined;
    this.#tabs?.close();
    this.#session = null;
    this.#changes.clear();
    this.#warnings.clear();
    if (client && !isBroken()) {
      client._dispose();
      client.free();
    }
  }

  #call(begin) {
    return call(() => {
      if (!this.#wasm) throw failure("disposed", "The client was disposed.");
      return begin(this.#wasm);
    });
  }

  // Adopts a change of another tab. If that fails, this tab keeps its session until its next renewal.
  #sync() {
    this.#call((client) => client._sync()).catch(() => {});
  }

  #changed(kind, session, origin) {
    if (!this.#wasm) return;
    this.#session = session && Object.freeze(session);
    notify(this.#changes, Object.freeze({ kind, session: this.#session, origin }));
  }

  #warned(warning) {
    if (this.#warnings.size) notify(this.#warnings, warning);
    else if (this.#missedWarnings.push(warning) > KEPT_WARNINGS) this.#missedWarnings.shift();
  }
}

UserServiceClient.prototype[Symbol.dispose ?? Symbol.for("Symbol.dispose")] = UserServiceClient.prototype.dispose;

function origins({ baseUrl, apiOrigins }) {
  const own = originOf("baseUrl", baseUrl);
  return new Set(apiOrigins ? [apiOrigins].flat().map((url) => originOf("apiOrigins", url)) : [own]);
}

function originOf(field, url) {
  try {
    return new URL(url).origin;
  } catch (cause) {
    throw failure("invalid-argument", `${field} must be absolute.`, cause);
  }
}

let hasWarned = false;

// A page with a key gives it to everyone who opens the page.
function warnOfKey({ instanceKey }) {
  const { protocol, hostname } = globalThis.location ?? {};
  const isPage = protocol === "http:" || protocol === "https:";
  if (hasWarned || !instanceKey || !isPage || /^(localhost|127\..+|\[::1\]|.+\.localhost)$/.test(hostname)) return;
  hasWarned = true;
  console.warn("telematics-user-client: instanceKey is a secret of the whole instance and can be read by anyone who opens this page. Use reauthenticate instead.");
}
