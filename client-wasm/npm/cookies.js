// @ts-check
// The session of a user in a cookie, for a server that renders pages.

import { seal, sealedLength, unseal } from "./seal.js";

/** @import * as Cookies from "./cookies.d.ts" */

/** How long an old cookie leads to the session that replaced it, in milliseconds: requests with it may still arrive. */
const REMEMBERED_MS = 60_000;
/** How many sessions are remembered at most. The oldest are forgotten first. */
const MAX_REMEMBERED = 10_000;
/** How long a browser keeps the cookie, in seconds: 400 days, the most that browsers allow. */
const MAX_AGE_SECONDS = 400 * 24 * 60 * 60;
/** The largest cookie that browsers store: the name and the value together, in bytes. */
const MAX_BYTES = 4096;
/** The shortest secret, in characters. */
const MIN_SECRET_LENGTH = 32;
/** The calls that issue the next tokens of a session. */
const RENEWAL = /\/Auth\/(RefreshToken|Login)$/;

/**
 * A session whose tokens may change. Requests that arrive with the same cookie share it. `isReplaced` means that a request with
 * its cookie has signed in another user: the browser has a newer cookie, which no late response may remove.
 *
 * @typedef {{ value: string | null, isReplaced?: boolean }} SharedSession
 */

/**
 * The sessions that were renewed or ended lately, by each text that their cookies contained; the oldest entry first. `answers`
 * contains the answers to the renewals of requests with this cookie, by the body of the renewal.
 *
 * @type {Map<string, { session: SharedSession, answers: Map<string, Promise<Answer>>, until: number }>}
 *
 * @typedef {{ body: string, isOk: boolean, status: number, headers: Headers }} Answer
 */
const recent = new Map();

/** @param {string} text */
function find(text) {
  const now = Date.now();
  for (const [old, { until }] of recent) {
    if (until > now) break;
    recent.delete(old);
  }
  return recent.get(text);
}

/**
 * @param {string} text
 * @param {SharedSession} session
 */
function remember(text, session) {
  const entry = find(text) ?? { session, answers: new Map(), until: 0 };
  entry.until = Date.now() + REMEMBERED_MS;
  // The entry moves to the end, so that the order of the entries is that of their ends.
  recent.delete(text);
  recent.set(text, entry);
  const [oldest = text] = recent.keys();
  if (recent.size > MAX_REMEMBERED) recent.delete(oldest);
  return entry;
}

/**
 * Whether two sessions belong to the same user.
 *
 * @param {string | null} one
 * @param {string | null} other
 */
function haveSameUser(one, other) {
  const user = one !== null && userOf(one);
  return Boolean(user) && other !== null && user === userOf(other);
}

/** Whether the body is that of a login by device token. @param {string} body */
function isByDeviceToken(body) {
  try {
    return Boolean(JSON.parse(body).LoginFields.Devicetoken);
  } catch {
    return false;
  }
}

/** @param {string} session the text that the client stores */
function userOf(session) {
  try {
    return JSON.parse(session).Tokens.DeviceToken;
  } catch {
    return undefined;
  }
}

/**
 * @param {Cookies.CookieSessionOptions["secret"]} secret
 * @returns {[string, ...string[]]}
 */
function secretsOf(secret) {
  const [first, ...others] = Array.isArray(secret) ? secret : [secret];
  for (const one of [first, ...others]) {
    if (typeof one === "string" && one.length >= MIN_SECRET_LENGTH) continue;
    throw new TypeError(`secret must be a string of at least ${MIN_SECRET_LENGTH} characters, or a list of such strings.`);
  }
  return [first, ...others];
}

/** @param {Promise<Response>} sent */
async function answerTo(sent) {
  const response = await sent;
  const { ok: isOk, status, headers } = response;
  return { isOk, status, headers, body: await response.text() };
}

/** @param {Cookies.RequestCookies} cookies @param {string} name */
function read(cookies, name) {
  const value = /** @type {unknown} */ (cookies.get(name)) ?? "";
  if (typeof value === "string") return value;
  throw new TypeError(`get must return the value of the cookie as a string, or nothing; it returned a value of the type ${typeof value}.`);
}

/** @type {typeof Cookies.cookieSession} */
export function cookieSession(cookies, options) {
  const { secret, secure = true, name = secure ? "__Host-telematics-session" : "telematics-session", fetch } = options ?? {};
  const secrets = secretsOf(/** @type {string} */ (secret));
  const received = read(cookies, name);
  /**
   * The text by which the other requests find the session of this one: at first that of the received cookie.
   *
   * @type {string | null}
   */
  let found = null;
  /** @type {SharedSession} */
  let own = { value: null };
  /**
   * What this request has loaded or saved last.
   *
   * @type {string | null}
   */
  let known = null;
  /**
   * What the browser has after the response to this request; `undefined` if the cookie must be sealed again.
   *
   * @type {string | null | undefined}
   */
  let written = null;
  let writing = Promise.resolve();
  /** @type {Promise<void> | undefined} */
  let opening;

  const open = () => (opening ??= openReceived());

  async function openReceived() {
    const opened = received ? await unseal(received, name, secrets) : null;
    if (!opened) return;
    found = opened.text;
    own = { value: opened.text };
    written = opened.secret === secrets[0] ? opened.text : undefined;
  }

  const session = () => (own = (found !== null && find(found)?.session) || own);

  /** @param {string | null} value */
  const write = (value) => {
    if (value === written) return writing;
    if (!cookies.set) throw new Error("This request cannot write a cookie.");
    written = value;
    return (writing = put(value));
  };

  /** @param {string | null} value */
  async function put(value) {
    const sealed = value === null ? "" : await seal(value, name, secrets[0]);
    // A later write may have finished first.
    if (value !== written) return;
    const maxAge = value === null ? 0 : MAX_AGE_SECONDS;
    cookies.set?.(name, sealed, { httpOnly: true, secure, sameSite: "lax", path: "/", maxAge });
  }

  /** @param {string} value */
  const save = async (value) => {
    await open();
    const bytes = name.length + sealedLength(value);
    if (bytes > MAX_BYTES) throw new Error(`The session takes ${bytes} bytes; browsers store no cookie of more than ${MAX_BYTES}.`);
    const shared = session();
    // Another request has ended the session that this one renewed.
    if (shared.value === null && haveSameUser(known, value)) return adopt(shared);
    known = value;
    if (haveSameUser(shared.value, value)) {
      shared.value = value;
      if (found !== null) remember(found, shared);
      remember(value, shared);
    } else {
      // Whoever else has the received cookie, such as the one who planted it in this browser, must not get the new session.
      shared.value = null;
      shared.isReplaced = true;
      if (found !== null) remember(found, shared);
      found = value;
      own = { value };
      remember(value, own);
    }
    await write(value);
  };

  const remove = async () => {
    await open();
    const shared = session();
    shared.value = null;
    known = null;
    if (found !== null) remember(found, shared);
    await write(null);
  };

  /** @param {SharedSession} shared */
  const adopt = async ({ value, isReplaced }) => {
    known = value;
    if (cookies.set && !isReplaced) await write(value);
  };

  const load = async () => {
    await open();
    const shared = session();
    await adopt(shared);
    return known;
  };

  /** @type {typeof globalThis.fetch} */
  const send = async (input, init) => {
    const request = new Request(input, init);
    const forward = fetch ?? globalThis.fetch;
    const [, call] = new URL(request.url).pathname.match(RENEWAL) ?? [];
    if (!call) return forward(request);
    if (!cookies.set) throw new Error("A request that cannot write a cookie must not exchange the refresh token.");
    await open();
    if (found === null) return forward(request);
    const { answers } = remember(found, session());
    // A login that ends while this function reads the body counts as pending.
    const pending = new Map(answers);
    const key = await request.clone().text();
    const isLogin = call === "Login";
    if (isLogin && !isByDeviceToken(key)) return forward(request);
    let shared = pending.get(key) ?? answers.get(key);
    if (!shared) {
      const answer = answerTo(forward(request));
      const forget = () => answers.delete(key);
      // A second login needs new tokens. A second refresh with the same refresh token must get the same ones.
      answer.then(({ isOk }) => (isOk && !isLogin) || forget(), forget);
      answers.set(key, (shared = answer));
    }
    const { body, status, headers } = await shared;
    return new Response(body || null, { status, headers });
  };

  return { storage: { load, save: (_key, value) => save(value), remove }, fetch: send };
}
