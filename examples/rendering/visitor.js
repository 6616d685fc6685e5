// @ts-check
import assert from "node:assert/strict";

/** What a browser does here: keeps cookies, sends forms, follows no redirect. */
export class Visitor {
  #origin;
  /** @type {Map<string, string>} */
  #cookies = new Map();

  /** @param {string} origin */
  constructor(origin) {
    this.#origin = origin;
  }

  /** A browser that has the same cookies now. */
  twin() {
    const twin = new Visitor(this.#origin);
    twin.#cookies = new Map(this.#cookies);
    return twin;
  }

  /** The session in the cookie; `undefined` without a cookie. */
  get session() {
    const [cookie] = this.#cookies.values();
    return cookie === undefined ? undefined : JSON.parse(decodeURIComponent(cookie)).Tokens;
  }

  /** The size of the cookie in bytes. */
  get size() {
    const [[name, value] = ["", ""]] = this.#cookies;
    return name.length + value.length;
  }

  /** The secrets of the session, none of which a page may contain. */
  get secrets() {
    const { DeviceToken, AccessToken, RefreshToken } = this.session ?? {};
    return [DeviceToken, AccessToken?.Token, RefreshToken].filter(Boolean);
  }

  /** @param {string} path */
  get(path) {
    return this.#send(path, {});
  }

  /**
   * @param {string} path
   * @param {Record<string, string>} [fields]
   */
  post(path, fields) {
    return this.#send(path, { method: "POST", body: new URLSearchParams(fields) });
  }

  /**
   * @param {string} path
   * @param {RequestInit} init
   */
  async #send(path, init) {
    const Cookie = [...this.#cookies].map((cookie) => cookie.join("=")).join("; ");
    const response = await fetch(this.#origin + path, { ...init, redirect: "manual", headers: { Cookie, Origin: this.#origin } });
    const text = await response.text();
    const before = this.secrets;
    const written = response.headers.getSetCookie();
    for (const line of written) this.#store(line);
    for (const secret of [...before, ...this.secrets]) assert.ok(!text.includes(secret), `${path} contains a token`);
    if (written.length) {
      const caching = response.headers.get("Cache-Control") ?? "";
      assert.ok(caching.includes("private") && caching.includes("no-store"), `${path} may be cached: ${caching}`);
    }
    // React writes an empty comment between two texts.
    const [shown = ""] = text.replaceAll("<!-- -->", "").match(/Hello \w+|Join/) ?? [];
    return { status: response.status, location: response.headers.get("Location"), text, shown, written };
  }

  /** @param {string} line */
  #store(line) {
    const [, name = "", value = ""] = line.match(/^([^=]+)=([^;]*)/) ?? [];
    if (/; *Max-Age=0(;|$)/i.test(line)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}
