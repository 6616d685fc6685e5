import loadWasm, * as wasm from "./wasm/client.js";

export class UserServiceError extends Error {
  static {
    this.prototype.name = "UserServiceError";
  }

  constructor({ message, cause, ...details }) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, details);
  }
}

const failure = (code, message, cause) => new UserServiceError({ code, message, cause });
const disposed = () => failure("disposed", "The client was disposed.");

// ---- the module: loaded once, and not to be trusted any more after a panic

const FAILED = "The client has failed: it works again after a reload.";

let loading;
let broken;
const underWay = new Set();

function load() {
  loading ??= start().catch((cause) => {
    loading = undefined;
    throw failure("network", "The WebAssembly of the client could not be loaded.", cause);
  });
  return loading;
}

async function start() {
  const url = new URL("./wasm/client_bg.wasm", import.meta.url);
  // Node's fetch reads no files. This way no bundler sees an import of a module that browsers lack.
  const files = url.protocol === "file:" && globalThis.process?.getBuiltinModule?.("node:fs/promises");
  await loadWasm({ module_or_path: files ? await files.readFile(url) : url });
  wasm.onPanic(() => {
    broken = failure("service", FAILED);
    for (const reject of underWay) reject(broken);
  });
}

// Settles as the promise does, or at once when the module breaks.
function call(begin) {
  return new Promise((resolve, reject) => {
    const fail = (thrown) => reject(broken ?? asError(thrown));
    underWay.add(reject);
    const done = () => underWay.delete(reject);
    try {
      if (broken) throw broken;
      begin().then(resolve, fail).finally(done);
    } catch (thrown) {
      fail(thrown);
      done();
    }
  });
}

function asError(thrown) {
  if (thrown instanceof UserServiceError) return thrown;
  return thrown instanceof Error ? failure("service", FAILED, thrown) : new UserServiceError(thrown);
}

// ---- the client

export class UserServiceClient {
  #wasm;
  #session = null;
  #fetch;
  #apiOrigins;
  #changes = new Set();
  #warnings = new Set();
  #untold = [];

  constructor(key, options) {
    if (key !== underWay) throw new TypeError("Use UserServiceClient.create().");
    this.#wasm = new wasm.Client(
      options,
      (kind, session) => this.#changed(kind, session),
      (code, message) => this.#warned({ code, message }),
    );
    this.#fetch = options.fetch;
    this.#apiOrigins = origins(options);
  }

  static async create(options) {
    await load();
    let client;
    await call(async () => {
      client = new UserServiceClient(underWay, options);
      await client.#wasm.restore();
    });
    return client;
  }

  register(user, options) {
    return this.#call((client) => client.register(user, options));
  }

  registerMany(batch, options) {
    return this.#call((client) => client.registerMany(batch, options));
  }

  login(credentials, options) {
    return this.#call((client) => client.login(credentials, options));
  }

  refresh(options) {
    return this.#call((client) => client.refresh(options));
  }

  profile(options) {
    return this.#call((client) => client.profile(options));
  }

  update(changes, options) {
    return this.#call((client) => client.update(changes, options));
  }

  signOut() {
    return this.#call((client) => client.signOut());
  }

  async fetch(input, init) {
    let request;
    try {
      request = new Request(input, init);
    } catch (cause) {
      throw failure("invalid-argument", "input and init must make a request.", cause);
    }
    if (!this.#apiOrigins.has(new URL(request.url).origin)) {
      throw failure("invalid-argument", "input must be of an origin in apiOrigins.");
    }
    const { signal } = request;
    const bearer = await this.#call((client) => client.bearer({ signal }));
    const answer = await this.#send(request.clone(), bearer);
    if (!isRejected(answer)) return answer;
    const { accessToken, deviceToken } = bearer;
    const renewed = await this.#call((client) => client.renew(accessToken, deviceToken, { signal }));
    const second = await this.#send(request, renewed);
    if (!isRejected(second)) return second;
    throw new UserServiceError({
      code: "unauthorized",
      message: "The access token was rejected twice.",
      status: second.status,
      cause: second,
    });
  }

  async #send(request, { accessToken }) {
    request.headers.set("Authorization", `Bearer ${accessToken}`);
    try {
      return await (this.#fetch ?? globalThis.fetch)(request);
    } catch (cause) {
      throw request.signal.aborted
        ? failure("aborted", "The call was aborted.", request.signal.reason)
        : failure("network", "No answer came.", cause);
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
    for (const warning of this.#untold.splice(0)) tell(this.#warnings, warning);
    return stop;
  }

  dispose() {
    const client = this.#wasm;
    this.#wasm = undefined;
    this.#session = null;
    this.#changes.clear();
    this.#warnings.clear();
    if (client && !broken) {
      client.dispose();
      client.free();
    }
  }

  #call(begin) {
    return call(() => {
      if (!this.#wasm) throw disposed();
      return begin(this.#wasm);
    });
  }

  #changed(kind, session) {
    if (!this.#wasm) return;
    this.#session = session && Object.freeze(session);
    tell(this.#changes, Object.freeze({ kind, session: this.#session, origin: "this-tab" }));
  }

  #warned(warning) {
    if (this.#warnings.size) tell(this.#warnings, warning);
    else this.#untold.push(warning);
  }
}

UserServiceClient.prototype[Symbol.dispose ?? Symbol.for("Symbol.dispose")] = UserServiceClient.prototype.dispose;

const isRejected = ({ status }) => status === 401 || status === 419;

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

function listen(listeners, listener) {
  if (typeof listener !== "function") throw failure("invalid-argument", "listener must be a function.");
  // Wrapped, so that a listener registered twice is called twice and stopped one by one.
  const entry = { listener };
  listeners.add(entry);
  return () => void listeners.delete(entry);
}

function tell(listeners, event) {
  for (const { listener } of [...listeners]) {
    try {
      listener(event);
    } catch (thrown) {
      // The listener's own mistake: it must be seen, and must not become ours.
      report(thrown);
    }
  }
}

function report(thrown) {
  if (globalThis.reportError) return reportError(thrown);
  queueMicrotask(() => {
    throw thrown;
  });
}

// ---- calls without a client

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
