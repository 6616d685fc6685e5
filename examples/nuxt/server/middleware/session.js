import { UserServiceClient } from "telematics-user-client";
import { cookieSession } from "telematics-user-client/cookies";

const { SERVICE_URL: baseUrl, INSTANCE_ID: instanceId, INSTANCE_KEY: instanceKey } = process.env;

/** Gives each request a client, which writes the cookie when a page or an API route renews the session. */
export default defineEventHandler(async (event) => {
  const cookies = {
    get: (name) => getCookie(event, name),
    set: (name, value, attributes) => setCookie(event, name, value, attributes),
  };
  const client = await UserServiceClient.create({ baseUrl, instanceId, instanceKey, ...cookieSession(cookies) });
  event.context.client = client;
  event.node.res.once("close", () => client.dispose());
  setHeader(event, "Cache-Control", "private, no-store");
});
