// @ts-check
import { By, error } from "selenium-webdriver";
import { until } from "./until.mjs";

/**
 * Starts an expression in a tab and stores its outcome as JSON, because a WebDriver command that waited for it would stop every other
 * tab. The expression is part of the script, because the policy of the page forbids `eval`.
 *
 * @param {string} expression
 */
const started = (expression) => `const id = arguments[0], outcomes = (window.outcomesForTest ??= {});
  (async () => (${expression}))().then(
    (value) => void (outcomes[id] = { value: JSON.stringify(value) }),
    (error) => void (outcomes[id] = { error: error + "\\n" + error?.stack }),
  );`;
const taken = `const outcome = window.outcomesForTest?.[arguments[0]];
  if (outcome) delete window.outcomesForTest[arguments[0]];
  return outcome ?? null;`;

let lastId = 0;

/** One tab, with what a person does in it. */
export class Tab {
  #browser;
  #window;
  #inFrame = false;

  /** @param {import("./browser.mjs").Browser} browser @param {string} window */
  constructor(browser, window) {
    this.#browser = browser;
    this.#window = window;
  }

  /** @param {string} address */
  open(address) {
    this.#inFrame = false;
    return this.#run((driver) => driver.get(address));
  }

  /** Opens a page whose only content is a frame, and directs all later commands to that frame. @param {string} address */
  async openFrame(address) {
    await this.open(address);
    this.#inFrame = true;
  }

  reload() {
    return this.#run((driver) => driver.navigate().refresh());
  }

  close() {
    return this.#run((driver) => driver.close());
  }

  /**
   * The value of an expression, or of its promise. The code is text, because it runs in the browser. A global name has to be set as a
   * property of `window`: in Firefox `globalThis` is an object of the driver.
   *
   * @param {string} expression
   * @returns {Promise<any>}
   */
  async evaluate(expression) {
    const id = ++lastId;
    await this.#run((driver) => driver.executeScript(started(expression), id));
    const outcome = await until(
      `the tab has evaluated ${expression.slice(0, 200)}`,
      () => this.#run((driver) => driver.executeScript(taken, id).then((found) => /** @type {{ value?: string, error?: string } | null} */ (found))),
      { withinMs: 20_000 },
    );
    if (outcome.error !== undefined) throw new Error(`in the tab: ${outcome.error}`);
    return outcome.value == null ? undefined : JSON.parse(outcome.value);
  }

  /** Waits until an expression is true. @param {string} expression */
  async waitFor(expression) {
    await until(expression, () => this.evaluate(`Boolean(${expression})`));
  }

  /** Clicks the first element at this XPath, as soon as it is enabled. @param {string} path */
  async click(path) {
    const element = await this.#enabled(path);
    await this.#run(() => element.click());
  }

  /** Replaces the text of the field at this XPath. @param {string} path @param {string} text */
  async fill(path, text) {
    const element = await this.#enabled(path);
    await this.#run(() => element.clear());
    if (text !== "") await this.#run(() => element.sendKeys(text));
  }

  /** Answers the dialog that the last command has opened, as soon as it is open. @param {boolean} yes */
  async answerDialog(yes) {
    await until("the dialog is open", () =>
      this.#browser.runInCurrent(async (driver) => {
        try {
          const dialog = driver.switchTo().alert();
          await (yes ? dialog.accept() : dialog.dismiss());
          return true;
        } catch (problem) {
          if (problem instanceof error.NoSuchAlertError) return false;
          throw problem;
        }
      }),
    );
  }

  /** @param {string} path */
  #enabled(path) {
    return until(`${path} is enabled`, () =>
      this.#run(async (driver) => {
        const [element] = await driver.findElements(By.xpath(path));
        return element && (await element.isEnabled()) ? element : null;
      }),
    );
  }

  /** @template T @param {(driver: import("./browser.mjs").WebDriver) => Promise<T>} command @returns {Promise<T>} */
  #run(command) {
    return this.#browser.run(this.#window, async (driver) => {
      if (this.#inFrame) await driver.switchTo().frame(0);
      return command(driver);
    });
  }
}
