// @ts-check
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["node", "jsdom", "happy-dom"].map((environment) => ({
      // The packages of this example are linked folders, which Vite would bundle like the app. An installed package needs no option.
      resolve: { preserveSymlinks: true },
      test: { name: environment, environment, include: ["*.vitest.js"] },
    })),
  },
});
