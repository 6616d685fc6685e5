// @ts-check
import assert from "node:assert/strict";
import { Witness } from "./witness.mjs";

/** The demo page, with one method for each step that a person takes. */
export class DemoPage {
  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
    this.witness = new Witness(page);
    page.setDefaultTimeout(10_000);
  }

  /** @param {string} address */
  async open(address) {
    await this.page.goto(address);
    await this.#connected();
  }

  async reload() {
    await this.page.reload();
    await this.#connected();
  }

  /** @param {{ firstName?: string, email?: string, clientId?: string }} [person] */
  async register(person = {}) {
    if (person.firstName !== undefined) await this.page.getByLabel("First name").fill(person.firstName);
    if (person.email !== undefined) await this.page.getByLabel("E-mail").fill(person.email);
    if (person.clientId !== undefined) await this.page.getByLabel("Client ID").fill(person.clientId);
    await this.press("Register");
    await this.reports("register", "Registered and signed in.");
  }

  /** @param {string} name */
  async press(name) {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  /** Flips a switch and waits until the page has read the stored value back. @param {string} name */
  async flip(name) {
    await this.page.getByRole("switch", { name, exact: true }).click();
    await this.reports("telematics", "Saved, and read back from the service.");
  }

  /** Reads the user's record again and waits for it. */
  async readProfile() {
    await this.press("Read profile");
    await this.reports("calls", "Profile read.");
  }

  /** Connects with another instance key. @param {string} key */
  async connectWithKey(key) {
    await this.page.getByLabel("Instance key", { exact: true }).fill(key);
    await this.press("Connect");
    await this.#connected();
  }

  /** Waits until a panel reports this. @param {string} panel @param {string | RegExp} text */
  async reports(panel, text) {
    await this.page.getByTestId(`${panel}-status`).getByText(text).waitFor();
  }

  /** Waits until a panel reports this error. @param {string} panel @param {string | RegExp} text */
  async reportsError(panel, text) {
    await this.page.getByTestId(`${panel}-error`).getByText(text).waitFor();
  }

  /** Waits until the session panel shows this change. @param {string} kind */
  async sessionIs(kind) {
    await this.page.getByTestId("last-change").getByText(kind, { exact: true }).waitFor();
  }

  /** Whether a switch is on. @param {string} name */
  isOn(name) {
    return this.page.getByRole("switch", { name, exact: true }).isChecked();
  }

  async deviceToken() {
    return (await this.page.getByTestId("device-token").innerText()).trim();
  }

  /** The list of exchanges as the page shows it. @returns {Promise<{ method: string, path: string, status: number | null, mark: string }[]>} */
  log() {
    return this.page.getByTestId("exchange").evaluateAll((rows) =>
      rows.map((row) => {
        const text = (/** @type {string} */ part) => row.querySelector(part)?.textContent?.trim() ?? "";
        const status = /^\d+$/.test(text(".status")) ? Number(text(".status")) : null;
        return { method: text(".method"), path: text(".path"), status, mark: row.getAttribute("data-mark") ?? "" };
      }),
    );
  }

  /** The exchanges from the index `from` on, one line each. First checks that the page lists the exchanges that the network saw. @param {number} [from] */
  async exchanges(from = 0) {
    const log = await this.log();
    assert.deepEqual(
      log.map(({ method, path, status }) => ({ method, path, status })),
      await this.witness.calls(),
      "the page lists other exchanges than the network saw",
    );
    assert.equal(await this.page.getByTestId("exchange-count").innerText(), String(log.length));
    return log.slice(from).map(({ method, path, status }) => `${method} ${path} ${status ?? "–"}`);
  }

  async #connected() {
    await this.page.getByTestId("connection").getByText("Mock server").waitFor();
    await this.page.locator("section[aria-labelledby=connect-title][aria-busy=false]").waitFor();
  }
}
