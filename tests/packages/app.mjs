// The app that every runtime builds and runs. It registers a user, expires the access token, reads the user's record, and makes a call
// whose code is loaded on demand.

let latest = 0;

const answer = (status, Result) => new Response(JSON.stringify({ Result, Status: status }), { status });

/**
 * A minimal user service: it accepts only the latest access token. It is in this file, because the tests copy the app alone into an
 * empty folder, and a page or a worker has no other file to import.
 */
async function service(request) {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/v1/Check")) return answer(200, { UserExists: true });
  if (pathname.startsWith("/v1/Management")) {
    if (request.headers.get("authorization") !== `Bearer jwt-${latest}`) return answer(401);
    return answer(200, { DeviceToken: "device", DateCreated: "2026-01-01T00:00:00", Status: "Active" });
  }
  latest += 1;
  const AccessToken = { Token: `jwt-${latest}`, ExpiresIn: 86400 };
  return answer(200, { DeviceToken: "device", AccessToken, RefreshToken: `refresh-${latest}` });
}

/**
 * Resolves to "works", or to a description of the failure. The first argument is an entry of the package: each app imports it by
 * itself, because workers have no import map and one app imports `./inline`. The second contains further options of the client.
 */
export async function run({ UserServiceClient, UserServiceError, register }, options = {}) {
  const at = {
    baseUrl: "https://user.test",
    instanceId: "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10",
    instanceKey: "1b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a11",
    fetch: service,
    ...options,
  };
  try {
    // Both callers share one load of the module.
    const [client] = await Promise.all([UserServiceClient.create({ ...at, storage: "memory" }), register(at)]);
    await client.register();
    latest += 1;
    const { deviceToken } = await client.profile();
    const { userExists } = await client.userExists({ email: "ada@user.test" });
    if (!userExists) return "no user";
    const error = await client.login({}).catch((error) => error);
    if (!(error instanceof UserServiceError) || error.code !== "invalid-argument") throw error;
    client.dispose();
    return deviceToken === "device" ? "works" : "another user";
  } catch (error) {
    return String(error?.stack ?? error);
  }
}
