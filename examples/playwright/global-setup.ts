import { startMockServer } from "telematics-mock/server";

/** Starts one server for all test files, and stops it after the last one. */
export default async function setup() {
  const server = await startMockServer();
  // Workers inherit the environment.
  process.env.MOCK_SERVER = server.url;
  return () => server.stop();
}
