import { UserServiceError, failure } from "./errors.js";
import { listen, tell } from "./listeners.js";
import { call, isBroken, load, wasm } from "./module.js";
import { Tabs } from "./tabs.js";

const created = Symbol();
const disposed = () => failure("disposed", "The client was disposed.");

export class UserServiceClient {
  #wasm;
  #session = null;
  #fetch;
  #apiOrigins;
  #changes = new Set();
  #warnings = new Set();
  #untold = [];
  #tabs;

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
    const { storage = "local" } = options;
    if (storage === "local" || typeof storage === "object") {
      this.#tabs = new Tabs(this.#wasm.storageKey, () => this.#look());
    }
  }

  static async create(options) {
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

  joinInstance(inviteCode, options) {
    return this.#call((client) => client.joinInstance(inviteCode, options));
  }

  userExists(query, options) {
    return this.#call((client) => client.userExists(query, options));
  }

  uploadImage(picture, options) {
    return this.#call((client) => client.uploadImage(picture, options));
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
    // A stream can be read once; and without an access token there is nothing to renew.
    const once = init?.body instanceof ReadableStream || !bearer.accessToken;
    const answer = await this.#send(once ? request : request.clone(), bearer);
    if (once || !isRejected(answer)) return answer;
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

  async #send(request, { headers, accessToken }) {
    for (const name in headers) request.headers.set(name, headers[name]);
    // Browsers take only "Authorization" away when they follow a redirect to another origin.
    if (!accessToken) request = new Request(request, { redirect: "error" });
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
    this.#tabs?.close();
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
      if (!this.#wasm) throw disposed();
      return begin(this.#wasm);
    });
  }

  // What another tab changed is told to listeners; that it could not be read harms nobody.
  #look() {
    this.#call((client) => client.look()).catch(() => {});
  }

  #changed(kind, session, origin) {
    if (!this.#wasm) return;
    this.#session = session && Object.freeze(session);
    tell(this.#changes, Object.freeze({ kind, session: this.#session, origin }));
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

let hasWarned = false;

// Everyone who opens a page can read what is in it.
function warnOfKey({ instanceKey }) {
  const { protocol, hostname } = globalThis.location ?? {};
  const isPage = protocol === "http:" || protocol === "https:";
  if (hasWarned || !instanceKey || !isPage || /^(localhost|127\..+|\[::1\]|.+\.localhost)$/.test(hostname)) return;
  hasWarned = true;
  console.warn("telematics-user-client: instanceKey is a secret of the whole instance and can be read by anyone who opens this page. Use reauthenticate instead.");
}
