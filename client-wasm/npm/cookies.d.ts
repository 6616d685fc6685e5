/**
 * The session of a user in a cookie, for a server that renders pages.
 *
 * @packageDocumentation
 */

import type { TokenStorage } from "./index.js";

/** The cookies of one request and of its response. */
export interface RequestCookies {
  /** Returns the value of a cookie of the request. For Next.js write `(name) => store.get(name)?.value`: its `get` returns an object. */
  get(name: string): string | null | undefined;
  /**
   * Writes a cookie into the response. A response with a cookie must not be cached: send it with `Cache-Control: private, no-store`.
   * Without this function the client reads the session and never renews it.
   */
  set?(name: string, value: string, attributes: CookieAttributes): void;
}

/** The attributes of the cookie, with the names that the cookie functions of Next.js, SvelteKit and Nuxt use. */
export interface CookieAttributes {
  /** Scripts of the page cannot read the cookie. */
  httpOnly: true;
  /** Whether browsers send the cookie over HTTPS only. */
  secure: boolean;
  /** Requests that other sites start do not carry the cookie, except when the user follows a link. */
  sameSite: "lax";
  /** The cookie belongs to all pages of the site. */
  path: "/";
  /** The lifetime in seconds; 0 removes the cookie. */
  maxAge: number;
}

/** The options of {@link cookieSession}. */
export interface CookieSessionOptions {
  /**
   * Encrypts the session and protects it against changes: at least 32 characters, which only your servers know. All processes of an
   * app need the same secret. To replace it, use a list: the first secret seals new cookies, and each of them opens a received one.
   */
  secret: string | readonly string[];
  /** The name of the cookie; `"__Host-telematics-session"` by default, and `"telematics-session"` if `secure` is `false`. */
  name?: string;
  /**
   * Whether browsers send the cookie over HTTPS only; `true` by default. Chromium sends it to `http://localhost` too; for
   * browsers that do not, such as Safari, use `false` in development.
   */
  secure?: boolean;
  /** Your own `fetch`; the global one by default. */
  fetch?: typeof globalThis.fetch;
}

/**
 * The options with which a client keeps its session in a cookie. A cookie that was not sealed with a secret of `options` counts as
 * no cookie. Create one client for each request, and dispose it when the response is complete.
 *
 * Requests of this process that arrive with the same cookie, at the same time or within a minute, share one renewal, and each of
 * their responses gets the new cookie.
 *
 * @example
 * const client = await UserServiceClient.create({ baseUrl, instanceId, instanceKey, ...cookieSession(cookies, { secret }) });
 */
export function cookieSession(
  cookies: RequestCookies,
  options: CookieSessionOptions,
): { storage: TokenStorage; fetch: typeof globalThis.fetch };
