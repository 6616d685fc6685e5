import { UserServiceClient } from "telematics-user-client";
import { connectMockServer } from "telematics-mock/server";
import { inject } from "vitest";

/** Creates an instance for the calling test file. Test files that run at the same time do not affect it. */
export function freshInstance() {
  return connectMockServer(inject("mockServer")).createInstance();
}

/** The client of the app, which uses that instance. */
export function appClient({ url, instance }: Awaited<ReturnType<typeof freshInstance>>) {
  const { instanceId, instanceKey } = instance;
  return UserServiceClient.create({ baseUrl: url, instanceId, instanceKey, storage: "memory" });
}
