// @ts-check
import assert from "node:assert/strict";
import { cookieSession } from "telematics-user-client/cookies";

/** What a browser does here: keeps cookies, sends forms, follows no redirect. */
export class Visitor {
  #origin;
  #secret;
  /** @type {Map<string, string>} */
  #cookies = new Map();
  /**
   * The session in the cookie; `undefined` without a cookie.
   *
   * @type {any}
   */
  session;

  /**
   * @param {string} origin
   * @param {string} secret the secret with which the app seals its cookie
   */
  constructor(origin, secret) {
    this.#origin = origin;
    this.#secret = secret;
  }

  /** A browser that has the same cookies now. */
  twin() {
    const twin = new Visitor(this.#origin, this.#secret);
    twin.#cookies = new Map(this.#cookies);
    twin.session = this.session;
    return twin;
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
   * @param {Record<string, string>} [headers]
   */
  post(path, fields, headers) {
    return this.#send(path, { method: "POST", body: new URLSearchParams(fields), headers });
  }

  /**
   * @param {string} path
   * @param {RequestInit} init
   */
  async #send(path, init) {
    const Cookie = [...this.#cookies].map((cookie) => cookie.join("=")).join("; ");
    const headers = { Cookie, Origin: this.#origin, ...init.headers };
    const response = await fetch(this.#origin + path, { ...init, redirect: "manual", headers });
    const text = await response.text();
    const before = this.secrets;
    const written = response.headers.getSetCookie();
    for (const line of written) this.#store(line);
    this.session = await this.#opened();
    for (const secret of [...before, ...this.secrets]) assert.ok(!text.includes(secret), `${path} contains a token`);
    if (written.length) {
      const caching = response.headers.get("Cache-Control") ?? "";
      assert.ok(caching.includes("private") && caching.includes("no-store"), `${path} may be cached: ${caching}`);
    }
    // React writes an empty comment between two texts.
    const [shown = ""] = text.replaceAll("<!-- -->", "").match(/Hello(?: \w+)?|Join/) ?? [];
    return { status: response.status, location: response.headers.get("Location"), text, shown, written };
  }

  async #opened() {
    const text = await cookieSession({ get: (name) => this.#cookies.get(name) }, { secret: this.#secret }).storage.load("");
    return text ? JSON.parse(text).Tokens : undefined;
  }

  /** @param {string} line */
  #store(line) {
    const [, name = "", value = ""] = line.match(/^([^=]+)=([^;]*)/) ?? [];
    if (/; *Max-Age=0(;|$)/i.test(line)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}
