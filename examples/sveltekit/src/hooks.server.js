import { env } from "$env/dynamic/private";
import { UserServiceClient } from "telematics-user-client";
import { cookieSession } from "telematics-user-client/cookies";

/** Gives each request a client, which writes the cookie when a `load` function, an action or an endpoint renews the session. */
export async function handle({ event, resolve }) {
  const { SERVICE_URL: baseUrl, INSTANCE_ID: instanceId, INSTANCE_KEY: instanceKey, SESSION_SECRET: secret } = env;
  const session = cookieSession(event.cookies, { secret });
  event.locals.client = await UserServiceClient.create({ baseUrl, instanceId, instanceKey, ...session });
  try {
    const resolved = await resolve(event);
    // Nobody can change the headers of a response of `fetch` or of `Response.redirect`.
    const response = new Response(resolved.body, resolved);
    response.headers.set("Cache-Control", "private, no-store");
    return response;
  } finally {
    event.locals.client.dispose();
  }
}
