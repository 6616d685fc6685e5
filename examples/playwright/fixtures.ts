import { fileURLToPath } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";
import { connectMockServer, type MockInstance } from "telematics-mock/server";

export { expect };

/** The origin of the page. A project with a development server starts it as `webServer` and needs no routing. */
const site = "http://app.localhost";
const page = fileURLToPath(new URL("page/", import.meta.url));
const client = fileURLToPath(new URL(".", import.meta.resolve("telematics-user-client")));

/** Gives each test a fresh instance of the mock server (`mine`) and the page that uses it (`app`). */
export const test = base.extend<{ mine: MockInstance; app: Page }>({
  mine: async ({}, use) => {
    const mine = await connectMockServer(process.env.MOCK_SERVER ?? "").createInstance();
    await use(mine);
    // The app has made no mistake in its requests.
    expect(await mine.advice()).toEqual([]);
  },
  app: async ({ page: app, mine }, use) => {
    await app.route(`${site}/**`, (route) => {
      const { pathname } = new URL(route.request().url());
      const inClient = pathname.match(/^\/client\/(.*)$/)?.[1];
      return route.fulfill({ path: inClient === undefined ? page + (pathname.slice(1) || "index.html") : client + inClient });
    });
    const { instanceId, inviteCode } = mine.instance;
    await app.goto(`${site}/?${new URLSearchParams({ service: mine.url, instanceId, inviteCode })}`);
    await use(app);
  },
});
