import { error, json } from "@sveltejs/kit";
import { userOf } from "$lib/user.js";

/** What the page fetches. Like the page, it gets no token. */
export async function GET({ locals }) {
  const user = await userOf(locals.client);
  if (!user) error(401);
  return json({ firstName: user.userProfile.firstName });
}
