import { expect, test } from "./fixtures.js";

const refresh = { method: "POST", path: "/v1/Auth/RefreshToken" };

test.beforeEach(async ({ app }) => {
  await app.getByLabel("First name").fill("Ada");
  await app.getByRole("button", { name: "Join" }).click();
  await expect(app.getByRole("status")).toHaveText("Hello Ada");
});

test("a user who returns after a week is still signed in", async ({ app, mine }) => {
  await mine.clock.advance("P7D");
  await app.reload();
  await expect(app.getByRole("status")).toHaveText("Hello Ada");
  await mine.verify({ ...refresh, status: 200 }, { exactly: 1 });
});

test("a user who returns after half a year joins again", async ({ app, mine }) => {
  await mine.clock.advance("P180D");
  await app.reload();
  await expect(app.getByRole("status")).toHaveText("Please join again");
  await expect(app.getByRole("button", { name: "Join" })).toBeVisible();
  await mine.verify({ ...refresh, status: 401 }, { exactly: 1 });
});

test("a switch is saved even if the service is busy at first", async ({ app, mine }) => {
  const change = { method: "PUT", path: "/v1/Management/users" };
  await mine.faults.add({ match: change, times: 1, then: { status: 503, headers: { "Retry-After": "0" } } });
  await app.getByLabel("Tracking").uncheck();
  await expect(app.getByRole("status")).toHaveText("Saved");
  await mine.verify({ ...change, status: 200 }, { exactly: 1 });
});

test("a network failure is shown to the user, who stays signed in", async ({ app, mine }) => {
  await mine.faults.add({ match: { method: "PUT" }, then: { reset: true } });
  await app.getByLabel("Tracking").uncheck();
  await expect(app.getByRole("status")).toHaveText("The change failed (network)");
  await mine.faults.clear();
  await app.reload();
  await expect(app.getByRole("status")).toHaveText("Hello Ada");
});
