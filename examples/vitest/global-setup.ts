import { startMockServer } from "telematics-mock/server";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** The address of the mock server. */
    mockServer: string;
  }
}

/** Starts one server for all test files, and stops it after the last one. */
export default async function setup(project: TestProject) {
  const server = await startMockServer();
  project.provide("mockServer", server.url);
  return () => server.stop();
}
