import { afterEach, expect, test } from "vitest";
import { appClient, freshInstance } from "./mock.js";

// This file and the other one run at the same time on the same server, each with its own instance.
const mine = await freshInstance();

afterEach(async () => {
  // The app has made no mistake in its requests.
  expect(await mine.advice()).toEqual([]);
  await mine.reset();
});

test("a change of the profile is sent with the service's field names", async () => {
  const client = await appClient(mine);
  await client.register({ firstName: "Ada" });
  await mine.clock.advance("P2D");
  await client.update({ nickname: "Countess", userFields: { enableTracking: false } });

  const [change] = await mine.requests({ method: "PUT", path: "/v1/Management/users" });
  expect(change?.request).toEqual({ Nickname: "Countess", UserFields: { EnableTracking: false } });
  expect((await client.profile()).userProfile.nickname).toBe("Countess");
});

test("a failed verification lists the nearest miss", async () => {
  const client = await appClient(mine);
  await client.register();
  await mine.faults.add({ match: { method: "GET" }, times: 1, then: { status: 403 } });
  await expect(client.profile()).rejects.toMatchObject({ code: "forbidden" });

  const failed = mine.verify({ method: "GET", path: "/v1/Management/users", status: 200 }, { atLeast: 1 });
  await expect(failed).rejects.toThrow("status is 403 and not 200");
});
