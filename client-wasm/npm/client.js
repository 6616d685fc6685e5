import { origin } from "./address.js";
import { UserServiceError, failure } from "./errors.js";
import { observe } from "./debug.js";
import { warnOfKey } from "./key-warning.js";
import { listen, notify, onWindow } from "./listeners.js";
import { setWasm } from "./loading.js";
import { call, isBroken, load, wasm } from "./module.js";
import { fromWire } from "./shapes.js";
import { Tabs } from "./tabs.js";
import { registrationArguments, updateArguments, userRecord } from "./user.js";

const created = Symbol();

/** How many warnings are kept while no listener is registered. */
const KEPT_WARNINGS = 10;

export class UserServiceClient {
  #wasm;
  #session = null;
  #fetch;
  #apiOrigins;
  #hasKey;
  #instanceId;
  #changes = new Set();
  #warnings = new Set();
  #missedWarnings = [];
  #tabs;
  #debug;
  #stopRefreshing;

  constructor(key, options) {
    if (key !== created) throw new TypeError("Use UserServiceClient.create().");
    this.#debug = observe(options?.debug);
    const traced = this.#debug.fetch(options?.fetch);
    let sharedKey;
    this.#wasm = new wasm.Client(traced ? Object.create(options, { fetch: { value: traced } }) : options, {
      changed: (kind, session, origin) => this.#changed(kind, session, origin),
      warned: (code, message) => this.#warned({ code, message }),
      shared: (key) => (sharedKey = key),
      announce: () => this.#tabs?.announce(),
      turn: async (wait, hold) => this.#debug.turn(this.#tabs, wait, hold),
    });
    this.#fetch = traced ?? options.fetch;
    this.#apiOrigins = origins(options);
    this.#hasKey = Boolean(options.instanceKey);
    this.#instanceId = options.instanceId;
    // Apps hand these on as functions, to HTTP libraries and to frameworks.
    for (const name of ["fetch", "getAccessToken", "onSessionChange", "onWarning"]) this[name] = this[name].bind(this);
    if (sharedKey !== undefined) this.#tabs = new Tabs(sharedKey, () => this.#sync());
    if (options.refreshOnFocus) this.#stopRefreshing = onReturn(() => this.#session?.accessToken && this.getAccessToken().catch(() => {}));
  }

  static async create(options) {
    if (options?.wasm) setWasm(options.wasm);
    await load();
    let client;
    await call(async () => {
      client = new UserServiceClient(created, options);
      await client.#wasm.restore();
    });
    warnOfKey(options);
    return client;
  }

  register(user, options) {
    return this.#call((client) => client.register(...registrationArguments(user), options));
  }

  login(credentials, options) {
    return this.#call((client) => client.login(credentials, options));
  }

  signIn(options) {
    return this.#call((client) => client.signIn(options));
  }

  refresh(options) {
    return this.#call((client) => client.refresh(options));
  }

  profile(options) {
    return this.#call(async (client) => fromWire(await client.profile(options), userRecord));
  }

  update(changes, options) {
    return this.#call(async (client) => void (await client.update(...updateArguments(changes), options)));
  }

  signOut() {
    return this.#call((client) => client.signOut());
  }

  registerMany(batch, options) {
    return this.#callOnDemand("registerMany", batch, options);
  }

  userExists(query, options) {
    return this.#callOnDemand("userExists", query, options);
  }

  joinInstance(inviteCode, options) {
    return this.#callOnDemand("joinInstance", inviteCode, options);
  }

  uploadImage(picture, options) {
    return this.#callOnDemand("uploadImage", picture, options);
  }

  getAccessToken(options) {
    return this.#call(async (client) => {
      try {
        return (await client.bearer(options))[0] ?? null;
      } catch (thrown) {
        if (thrown.code === "not-signed-in") return null;
        throw thrown;
      }
    });
  }

  async fetch(input, init) {
    let request;
    try {
      request = new Request(input, init);
    } catch (cause) {
      throw failure("invalid-argument", "input and init must form a valid request.", cause);
    }
    if (!this.#apiOrigins.has(originOf("input", request.url))) {
      throw failure("invalid-argument", "input must have an origin listed in apiOrigins.");
    }
    const { signal } = request;
    const tokens = await this.#call(async (client) => client.usableTokens() ?? client.bearer({ signal }));
    // A stream can be read only once. Without an access token there is nothing to renew.
    const once = init?.body?.getReader || !tokens[0];
    const first = await this.#send(once ? request : request.clone(), tokens);
    if (once || !rejectsAccessToken(first)) return first;
    const renewed = await this.#call((client) => client.renew(...tokens, { signal }));
    const second = await this.#send(request, renewed);
    if (!rejectsAccessToken(second)) return second;
    throw new UserServiceError({
      code: "unauthorized",
      message: "The access token was rejected twice.",
      status: second.status,
      cause: second,
    });
  }

  async #send(request, [accessToken, deviceToken]) {
    const { headers, signal } = request;
    if (accessToken) headers.set("Authorization", `Bearer ${accessToken}`);
    else {
      // The legacy authentication: on a redirect to another origin, browsers remove only the header "Authorization".
      headers.set("InstanceId", this.#instanceId);
      headers.set("DeviceToken", deviceToken);
      request = new Request(request, { redirect: "error" });
    }
    this.#requireRunning(signal);
    try {
      return await (this.#fetch ?? globalThis.fetch)(request);
    } catch (cause) {
      this.#requireRunning(signal);
      throw failure("network", "No response arrived.", cause);
    }
  }

  #requireRunning(signal) {
    if (!this.#wasm) throw failure("disposed", "The client was disposed.");
    if (signal?.aborted) throw failure("aborted", "The call was aborted.", signal.reason);
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
    this.#stopRefreshing?.();
    this.#session = null;
    this.#changes.clear();
    this.#warnings.clear();
    if (client && !isBroken()) {
      client.dispose();
      client.free();
    }
  }

  #call(begin) {
    return call(() => {
      this.#requireRunning();
      return begin(this.#wasm);
    });
  }

  #callOnDemand(name, argument, options) {
    return this.#call(async () => {
      const { calls } = await import("./on-demand.js").catch((cause) => {
        throw failure("network", "A part of the client could not be loaded. In some browsers only a reload helps.", cause);
      });
      const send = (...request) => this.#call((client) => client.send(...request, options));
      return calls[name]({ send, hasKey: this.#hasKey }, argument);
    });
  }

  // Adopts a change of another tab. If that fails, this tab keeps its session until its next renewal.
  #sync() {
    this.#call((client) => client.sync()).catch(() => {});
  }

  #changed(kind, session, origin) {
    if (!this.#wasm) return;
    this.#session = session && Object.freeze(session);
    this.#debug.step("session-changed", { kind, origin });
    notify(this.#changes, Object.freeze({ kind, session: this.#session, origin }));
  }

  #warned(warning) {
    this.#debug.step("warning", warning);
    if (this.#warnings.size) notify(this.#warnings, warning);
    else if (this.#missedWarnings.push(warning) > KEPT_WARNINGS) this.#missedWarnings.shift();
  }
}

UserServiceClient.prototype[Symbol.dispose ?? Symbol.for("Symbol.dispose")] = UserServiceClient.prototype.dispose;

// The engine does the same for the calls of the service; the vendor's iOS apps handle 419 as an expired session [C].
const rejectsAccessToken = ({ status }) => status === 401 || status === 419;

function origins({ baseUrl, apiOrigins }) {
  const own = originOf("baseUrl", baseUrl);
  return new Set(apiOrigins ? [apiOrigins].flat().map((url) => originOf("apiOrigins", url)) : [own]);
}

function originOf(field, url) {
  try {
    return origin(url);
  } catch (cause) {
    throw failure("invalid-argument", `${field} must be absolute.`, cause);
  }
}

// Calls `listener` when the user returns to the page and when the network returns; returns a function that stops it.
function onReturn(listener) {
  const whenVisible = () => globalThis.document?.visibilityState !== "hidden" && listener();
  // "visibilitychange" bubbles from the document to the window.
  return onWindow(["focus", "online", "visibilitychange"], whenVisible);
}
