import { UserServiceClient } from "telematics-user-client";
import { cookieSession } from "telematics-user-client/cookies";
import { isFromOwnPage } from "../../../rendering/own-page.js";

const { SERVICE_URL: baseUrl, INSTANCE_ID: instanceId, INSTANCE_KEY: instanceKey, SESSION_SECRET: secret } = process.env;

/** Gives each request a client, which writes the cookie when a page or an API route renews the session. */
export default defineEventHandler(async (event) => {
  if (event.method === "POST" && !isFromOwnPage(event.headers)) throw createError({ statusCode: 403 });
  const cookies = {
    get: (name) => getCookie(event, name),
    set: (name, value, attributes) => setCookie(event, name, value, attributes),
  };
  const client = await UserServiceClient.create({ baseUrl, instanceId, instanceKey, ...cookieSession(cookies, { secret }) });
  event.context.client = client;
  event.node.res.once("close", () => client.dispose());
  setHeader(event, "Cache-Control", "private, no-store");
});
