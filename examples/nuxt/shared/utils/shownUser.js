/**
 * Reads what the page shows of the signed-in user; `null` if nobody is signed in. The result becomes a part of the HTML, so it must
 * not be the whole record, which contains the device token.
 *
 * @param {import("telematics-user-client").UserServiceClient} client
 */
export async function shownUser(client) {
  try {
    const { userProfile } = await client.profile();
    return { firstName: userProfile.firstName };
  } catch (error) {
    if (["not-signed-in", "session-expired"].includes(error.code)) return null;
    throw error;
  }
}
