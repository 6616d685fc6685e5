// @ts-check
// The rules of axe-core, in every state of the page that looks different.
import assert from "node:assert/strict";
import { withBrowser } from "./with-browser.mjs";
import { DemoPage } from "./demo-page.mjs";

const test = withBrowser(async ({ browser, origin }) => {
  const demo = new DemoPage(await browser.newWindow(), origin);
  return { origin, demo };
});

/** Loads axe-core into the page, as a file of its own origin, because the policy of the page allows no other script. */
const loadAxe = `new Promise((resolve, reject) => {
  if (window.axe) return resolve();
  const script = Object.assign(document.createElement("script"), { src: "/axe.js", onload: () => resolve(), onerror: () => reject(new Error("no axe-core")) });
  document.head.append(script);
})`;

/** The violations that axe-core finds in the page as it is now: each rule with the elements. @param {DemoPage} demo */
async function violations(demo) {
  await demo.evaluate(loadAxe);
  return demo.evaluate("axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ target }) => target.join())].join(' ')))");
}

test("axe-core finds nothing on the page before and after a registration", async ({ demo }) => {
  await demo.open();
  assert.deepEqual(await violations(demo), []);
  await demo.register({ firstName: "Ada" });
  await demo.press("Expire access token");
  await demo.reports("mock", "access token");
  await demo.readProfile();
  await demo.evaluate("void (document.querySelector('details').open = true)");
  assert.deepEqual(await violations(demo), []);
});

test("axe-core finds nothing on the page while it shows errors and a switched-off account", async ({ origin, demo }) => {
  await demo.open();
  await demo.register();
  await demo.clickSwitch("Account");
  await demo.answerDialog(true);
  await demo.reports("telematics", "The account is switched off.");
  await demo.press("Read profile");
  await demo.reportsError("calls", "The service refused this user.");
  origin.replaceAnswer("/v1/Registration/Create", {
    status: 422,
    body: { Status: 422, Title: "Not valid", Errors: [{ Key: "Email", Message: "is not an address" }] },
  });
  await demo.press("Register");
  await demo.reportsError("register", "is not an address");
  assert.deepEqual(await violations(demo), []);
});

test("axe-core finds nothing on the page of a phone", async ({ demo }) => {
  await demo.openOnPhone();
  await demo.register();
  assert.deepEqual(await violations(demo), []);
});
