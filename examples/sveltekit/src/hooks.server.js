import { env } from "$env/dynamic/private";
import { UserServiceClient } from "telematics-user-client";
import { cookieSession } from "telematics-user-client/cookies";

/** Gives each request a client, which writes the cookie when a `load` function, an action or an endpoint renews the session. */
export async function handle({ event, resolve }) {
  const { SERVICE_URL: baseUrl, INSTANCE_ID: instanceId, INSTANCE_KEY: instanceKey } = env;
  event.locals.client = await UserServiceClient.create({ baseUrl, instanceId, instanceKey, ...cookieSession(event.cookies) });
  try {
    const response = await resolve(event);
    response.headers.set("Cache-Control", "private, no-store");
    return response;
  } finally {
    event.locals.client.dispose();
  }
}
