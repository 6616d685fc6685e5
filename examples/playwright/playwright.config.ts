import { defineConfig } from "@playwright/test";

export default defineConfig({
  globalSetup: "./global-setup.ts",
  forbidOnly: true,
  reporter: "list",
  use: {
    // Playwright serves the page, so the browser asks before the page may call the mock server on this machine.
    permissions: ["local-network-access"],
    launchOptions: {
      // The Chromium of this machine. The flags keep it from contacting other machines.
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"],
    },
  },
});
