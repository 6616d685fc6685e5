// @ts-check
// The session of a user in a cookie, for a server that renders pages.

/** @import * as Cookies from "./cookies.d.ts" */

/** How long an old cookie leads to the session that replaced it, in milliseconds: requests with it may still arrive. */
const REMEMBERED_MS = 60_000;
/** How long a browser keeps the cookie, in seconds: 400 days, the most that browsers allow. */
const MAX_AGE_SECONDS = 400 * 24 * 60 * 60;
/** The largest cookie that browsers store: the name and the encoded value together, in bytes. */
const MAX_BYTES = 4096;
/** The calls that issue the next tokens of a session. */
const RENEWAL = /\/Auth\/(RefreshToken|Login)$/;

/**
 * A session whose tokens may change. Requests that arrive with the same cookie share it.
 *
 * @typedef {{ value: string | null }} SharedSession
 */

/**
 * The sessions that were renewed or ended lately, by the cookie of the requests that did so and by the cookie that they wrote; the
 * oldest entry first. `answers` contains the answers to the renewals of requests with this cookie, by the body of the renewal.
 *
 * @type {Map<string, { session: SharedSession, answers: Map<string, Promise<Answer>>, until: number }>}
 *
 * @typedef {{ body: string, status: number, headers: Headers }} Answer
 */
const recent = new Map();

/** @param {string} cookie */
function find(cookie) {
  const now = Date.now();
  for (const [old, { until }] of recent) {
    if (until > now) break;
    recent.delete(old);
  }
  return recent.get(cookie);
}

/**
 * @param {string} cookie
 * @param {SharedSession} session
 */
function remember(cookie, session) {
  const entry = find(cookie) ?? { session, answers: new Map(), until: 0 };
  entry.until = Date.now() + REMEMBERED_MS;
  // The entry moves to the end, so that the order of the entries is that of their ends.
  recent.delete(cookie);
  recent.set(cookie, entry);
  return entry;
}

/** @type {typeof Cookies.cookieSession} */
export function cookieSession(cookies, { name = "telematics-session", secure = true, fetch } = {}) {
  const received = cookies.get(name) || null;
  /** What the browser has after the response to this request. */
  let written = received;
  /** @type {SharedSession} */
  let own = { value: received };

  const session = () => (own = (received && find(received)?.session) || own);

  /** @param {string | null} value */
  const write = (value) => {
    if (value === written) return;
    if (!cookies.set) throw new Error("This request cannot write a cookie.");
    const maxAge = value === null ? 0 : MAX_AGE_SECONDS;
    cookies.set(name, value ?? "", { httpOnly: true, secure, sameSite: "lax", path: "/", maxAge });
    written = value;
  };

  /** @param {string | null} value */
  const replace = (value) => {
    const bytes = name.length + encodeURIComponent(value ?? "").length;
    if (bytes > MAX_BYTES) throw new Error(`The session takes ${bytes} bytes; browsers store no cookie of more than ${MAX_BYTES}.`);
    const changed = session();
    changed.value = value;
    for (const cookie of [received, value]) if (cookie) remember(cookie, changed);
    write(value);
  };

  /** @type {(request: Request) => Promise<Response>} */
  const send = async (request) => {
    const forward = fetch ?? globalThis.fetch;
    if (!RENEWAL.test(new URL(request.url).pathname)) return forward(request);
    if (!cookies.set) throw new Error("A request that cannot write a cookie must not exchange the refresh token.");
    if (!received) return forward(request);
    const key = await request.clone().text();
    const { answers } = remember(received, session());
    let answer = answers.get(key);
    if (!answer) {
      answer = forward(request).then(async (response) => {
        const { ok, status, headers } = response;
        const body = await response.text();
        if (!ok) answers.delete(key);
        return { body, status, headers };
      });
      answers.set(key, answer);
      answer.catch(() => answers.delete(key));
    }
    const { body, status, headers } = await answer;
    return new Response(body || null, { status, headers });
  };

  return {
    storage: {
      load() {
        const { value } = session();
        if (cookies.set) write(value);
        return value;
      },
      save: (_key, value) => replace(value),
      remove: () => replace(null),
    },
    fetch: /** @type {typeof globalThis.fetch} */ (send),
  };
}
