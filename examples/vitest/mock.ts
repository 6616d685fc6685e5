import { UserServiceClient } from "telematics-user-client";
import { connectMockServer } from "telematics-user-client/testing";
import { inject } from "vitest";

/** A fresh instance: a world of its own for the test file that asks, whatever the others do at the same time. */
export function freshInstance() {
  return connectMockServer(inject("mockServer")).createInstance();
}

/** The app's client, pointed at that instance. */
export function appClient({ url, instance }: Awaited<ReturnType<typeof freshInstance>>) {
  const { instanceId, instanceKey } = instance;
  return UserServiceClient.create({ baseUrl: url, instanceId, instanceKey, storage: "memory" });
}
