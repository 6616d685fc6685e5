import { afterEach, expect, test } from "vitest";
import { appClient, freshInstance } from "./mock.js";

const refresh = { method: "POST", path: "/v1/Auth/RefreshToken" };
const mine = await freshInstance();

afterEach(async () => {
  // The app has made no mistake in its requests.
  expect(await mine.advice()).toEqual([]);
  await mine.reset();
});

test("after half a year a login with the device token keeps the user signed in", async () => {
  const client = await appClient(mine);
  const { deviceToken } = await client.register({ firstName: "Ada" });

  const { expired } = await mine.clock.advance("P180D");
  expect(expired).toEqual({ accessTokens: 1, refreshTokens: 1 });
  await client.profile();

  expect(client.session?.deviceToken).toBe(deviceToken);
  await mine.verify({ ...refresh, status: 401 }, { exactly: 1 });
  await mine.verify({ path: "/v1/Auth/Login", status: 200 }, { exactly: 1 });
});

test("a refresh that fails because the service is busy does not end the session", async () => {
  const client = await appClient(mine);
  await client.register();

  await mine.faults.add({ match: refresh, times: 1, then: { status: 503 } });
  await expect(client.refresh()).rejects.toMatchObject({ code: "service", status: 503 });
  await client.refresh();

  await mine.verify({ ...refresh, status: 200 }, { exactly: 1 });
});
