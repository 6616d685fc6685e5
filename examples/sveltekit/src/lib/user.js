/**
 * Reads the record of the signed-in user; `null` if nobody is signed in.
 *
 * @param {import("telematics-user-client").UserServiceClient} client
 */
export async function userOf(client) {
  try {
    return await client.profile();
  } catch (error) {
    if (["not-signed-in", "session-expired"].includes(error.code)) return null;
    throw error;
  }
}
