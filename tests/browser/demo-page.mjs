// @ts-check
import assert from "node:assert/strict";
import { recorded } from "./page-console.mjs";
import { until } from "./until.mjs";

/** The demo page, with one method for each step that a person takes. */
export class DemoPage {
  #tab;
  #origin;
  /** The index of the first request of the current document. */
  #sinceOpened = 0;

  /** @param {import("./tab.mjs").Tab} tab @param {Pick<import("./origin.mjs").Origin, "url" | "requests">} origin */
  constructor(tab, origin) {
    this.#tab = tab;
    this.#origin = origin;
  }

  /** @param {string} [address] */
  async open(address = this.#origin.url) {
    this.#sinceOpened = this.#origin.requests.length;
    await this.#tab.open(address);
    await this.#connected();
  }

  /** Opens the page in the width of a phone. */
  async openOnPhone() {
    await this.#tab.openFrame(`${this.#origin.url}/phone`);
    await this.#connected();
  }

  async reload() {
    this.#sinceOpened = this.#origin.requests.length;
    await this.#tab.reload();
    await this.#connected();
  }

  /** @param {{ firstName?: string, email?: string, clientId?: string }} [person] */
  async register(person = {}) {
    if (person.firstName !== undefined) await this.fill("First name", person.firstName);
    if (person.email !== undefined) await this.fill("E-mail", person.email);
    if (person.clientId !== undefined) await this.fill("Client ID (the user’s id in your own system)", person.clientId);
    await this.press("Register");
    await this.reports("register", "Registered and signed in.");
  }

  /** Replaces the text of the field with this label. @param {string} label @param {string} text */
  fill(label, text) {
    return this.#tab.fill(`//input[@id=//label[normalize-space()="${label}"]/@for or @aria-label="${label}"]`, text);
  }

  /** Presses a button, as soon as it is enabled. @param {string} name */
  press(name) {
    return this.#tab.click(`//button[normalize-space()="${name}"]`);
  }

  /** Chooses an option of the list with this label. @param {string} label @param {string} option */
  async choose(label, option) {
    await this.evaluate(`(() => {
      const labels = [...document.querySelectorAll("label")];
      const list = document.getElementById(labels.find(({ innerText }) => innerText.trim() === ${JSON.stringify(label)}).htmlFor);
      list.value = [...list.options].find(({ text }) => text === ${JSON.stringify(option)}).value;
      list.dispatchEvent(new Event("change", { bubbles: true }));
    })()`);
  }

  /** Lets a fault hit the next request. @param {string} effect @param {string} target */
  async arm(effect, target) {
    await this.choose("What happens", effect);
    await this.choose("To the", target);
    await this.press("Arm");
    await this.shows("faults", "armed");
  }

  /** Clicks a switch, as soon as it is enabled. @param {string} name */
  clickSwitch(name) {
    return this.#tab.click(`//input[@role="switch"][@aria-label="${name}"]`);
  }

  /** Flips a switch and waits until the page has read the stored value back. @param {string} name */
  async flip(name) {
    await this.clickSwitch(name);
    await this.reports("telematics", "Saved, and read back from the service.");
  }

  /** Answers the question of the page. @param {boolean} yes */
  answerDialog(yes) {
    return this.#tab.answerDialog(yes);
  }

  /** Reads the user's record again and waits for it. */
  async readProfile() {
    await this.press("Read profile");
    await this.reports("calls", "Profile read.");
  }

  /** Connects with another instance key. @param {string} key */
  async connectWithKey(key) {
    await this.fill("Instance key", key);
    await this.press("Connect");
    await this.#connected();
  }

  /** Waits until a panel reports this. @param {string} panel @param {string | RegExp} text */
  reports(panel, text) {
    return this.shows(`${panel}-status`, text);
  }

  /** Waits until a panel reports this error. @param {string} panel @param {string | RegExp} text */
  reportsError(panel, text) {
    return this.shows(`${panel}-error`, text);
  }

  /** Waits until the session panel shows this change. @param {string} kind */
  sessionIs(kind) {
    return this.shows("last-change", new RegExp(`^${kind}$`));
  }

  /** Waits until an element shows this text. @param {string} testId @param {string | RegExp} text */
  async shows(testId, text) {
    let shown = "";
    const matches = async () => {
      shown = await this.text(testId);
      return typeof text === "string" ? shown.includes(text) : text.test(shown);
    };
    await until(`${testId} shows ${text}`, matches).catch((error) => assert.fail(`${error.message}; it shows "${shown}"`));
  }

  /** The text of an element; empty if there is no such element. @param {string} testId @returns {Promise<string>} */
  text(testId) {
    return this.evaluate(`document.querySelector('[data-testid="${testId}"]')?.innerText.trim() ?? ""`);
  }

  /** Whether a switch is on. @param {string} name @returns {Promise<boolean>} */
  isOn(name) {
    return this.evaluate(`document.querySelector('[role="switch"][aria-label="${name}"]').checked`);
  }

  deviceToken() {
    return this.text("device-token");
  }

  /** @param {string} expression */
  evaluate(expression) {
    return this.#tab.evaluate(expression);
  }

  /** Waits until an element is in view, but for a part of a pixel. @param {string} selector */
  async isInView(selector) {
    await this.#tab.waitFor(`(({ top, bottom }) => top > -1 && bottom < innerHeight + 1)(document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect())`);
  }

  /** The list of exchanges as the page shows it. @returns {Promise<{ method: string, path: string, status: number | null, mark: string }[]>} */
  log() {
    return this.evaluate(`[...document.querySelectorAll('[data-testid="exchange"]')].map((row) => {
      const text = (part) => row.querySelector(part)?.textContent?.trim() ?? "";
      const status = /^\\d+$/.test(text(".status")) ? Number(text(".status")) : null;
      return { method: text(".method"), path: text(".path"), status, mark: row.getAttribute("data-mark") };
    })`);
  }

  /** The exchanges from the index `from` on, one line each. First checks that the page lists the exchanges that the network saw. @param {number} [from] */
  async exchanges(from = 0) {
    const lines = (await this.log()).map(line);
    const sent = this.calls().map(line);
    // Requests that the page sends at the same time can arrive in another order.
    assert.deepEqual(lines.toSorted(), sent.toSorted(), "the page lists other exchanges than the network saw");
    assert.equal(await this.text("exchange-count"), String(lines.length));
    return lines.slice(from);
  }

  /** The calls to the user service since the page was opened or reloaded. */
  calls() {
    return this.#origin.requests.slice(this.#sinceOpened).filter(({ path }) => path.startsWith("/v1/"));
  }

  /** The access and refresh tokens that the service has issued to this page so far, the oldest first. */
  tokens() {
    const issued = this.calls().filter(({ method, status }) => method === "POST" && status === 200);
    return issued.flatMap(({ answer }) => {
      const { Result } = JSON.parse(answer);
      return [String(Result.AccessToken.Token), String(Result.RefreshToken)];
    });
  }

  /** The addresses of all requests of the page, with their queries, and its own address. */
  async addresses() {
    return [...(await recorded(this.#tab)).addresses, ...this.#origin.requests.map(({ address }) => address)];
  }

  /** The messages of the page in the console. */
  async messages() {
    return (await recorded(this.#tab)).messages;
  }

  async #connected() {
    await this.shows("connection", "Mock server");
    await this.#tab.waitFor('document.querySelector("section[aria-labelledby=connect-title][aria-busy=false]")');
  }
}

/** @param {{ method: string, path: string, status: number | null }} exchange */
function line({ method, path, status }) {
  return `${method} ${path} ${status ?? "–"}`;
}
