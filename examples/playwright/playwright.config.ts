import { defineConfig } from "@playwright/test";

export default defineConfig({
  globalSetup: "./global-setup.ts",
  forbidOnly: true,
  reporter: "list",
  use: {
    // The page is not served from this machine's network but by Playwright; the mock server is on it.
    permissions: ["local-network-access"],
    launchOptions: {
      // The Chromium of this machine: nothing is downloaded, and nothing outside this machine is asked.
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"],
    },
  },
});
