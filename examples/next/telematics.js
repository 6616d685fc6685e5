import { cookies } from "next/headers";
import { UserServiceClient } from "telematics-user-client";
import { cookieSession } from "telematics-user-client/cookies";

const { SERVICE_URL: baseUrl, INSTANCE_ID: instanceId, INSTANCE_KEY: instanceKey, SESSION_SECRET: secret } = process.env;

/** A client for one request. Dispose it at the end. */
export const clientFor = (cookies) =>
  UserServiceClient.create({ baseUrl, instanceId, instanceKey, ...cookieSession(cookies, { secret }) });

/** Runs `work` with a client, in a Route Handler or in a Server Action: there a new cookie reaches the browser. */
export async function withClient(work) {
  const store = await cookies();
  const client = await clientFor({
    get: (name) => store.get(name)?.value,
    set: (name, value, attributes) => store.set(name, value, attributes),
  });
  try {
    return await work(client);
  } finally {
    client.dispose();
  }
}
