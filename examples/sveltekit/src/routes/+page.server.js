import { userOf } from "$lib/user.js";

/** What the page shows. It becomes a part of the HTML, so it must not be the whole record, which contains the device token. */
export async function load({ locals }) {
  const user = await userOf(locals.client);
  return { user: user && { firstName: user.userProfile.firstName } };
}
