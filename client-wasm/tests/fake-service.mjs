// Shared by the tests of the package: a user service in a few lines, and clients that call it.
import { UserServiceClient, UserServiceError } from "../npm/index.js";

/** The options that every client needs. */
export const at = {
  baseUrl: "https://user.test",
  instanceId: "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10",
  instanceKey: "1b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a11",
};

/** Lifetime of an access token in seconds. */
export const LIFETIME = 3600;

/** A promise that never settles. */
export const never = () => new Promise(() => {});

/** An answer of the service. */
export const answer = (status, Result, headers) => new Response(JSON.stringify({ Result, Status: status }), { status, headers });

/**
 * A `fetch` that answers like a user service: it accepts only the latest access token.
 *
 * `fetch.seen` lists the requests as `{ pathname, authorization, body }`, `fetch.requests` as `Request`; `fetch.expire()` ends the access token; `fetch.dead` rejects every login and refresh;
 * `fetch.rejection` is the status for a rejected access token; `fetch.next(request, answer)` may return a response instead.
 */
export function fakeService() {
  let latest = 0;
  const fetch = async (request) => {
    // Without URL, which has no path in React Native.
    const pathname = request.url.replace(/^https?:\/\/[^/]+|\?.*/g, "");
    const authorization = request.headers.get("authorization");
    fetch.requests.push(request);
    fetch.seen.push({ pathname, authorization, body: await request.clone().text() });
    const instead = fetch.next?.(request, answer);
    if (instead) return instead;
    if (!/^\/v1\/(Registration|Auth)\//.test(pathname)) {
      if (authorization !== `Bearer jwt-${latest}`) return answer(fetch.rejection);
      return answer(200, { DeviceToken: "device", DateCreated: "2026-01-01T00:00:00", Status: "Active" });
    }
    if (fetch.dead) return answer(401);
    latest += 1;
    const AccessToken = { Token: `jwt-${latest}`, ExpiresIn: LIFETIME };
    return answer(200, { DeviceToken: "device", AccessToken, RefreshToken: `refresh-${latest}` });
  };
  const sentTo = (end) => fetch.seen.filter(({ pathname }) => pathname.endsWith(end));
  return Object.assign(fetch, { seen: [], requests: [], rejection: 401, dead: false, sentTo, expire: () => (latest += 1) });
}

/** A client with a registered user, and its service. */
export async function signedIn(options) {
  const fetch = fakeService();
  const client = await UserServiceClient.create({ ...at, storage: "memory", fetch, ...options });
  await client.register();
  return { client, fetch };
}

/** Whether an error is a `UserServiceError` with this code, for `assert.rejects`. */
export const code = (expected) => (error) => error instanceof UserServiceError && error.code === expected;
