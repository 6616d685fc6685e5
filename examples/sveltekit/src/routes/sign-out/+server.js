import { redirect } from "@sveltejs/kit";

export async function POST({ locals }) {
  await locals.client.signOut();
  redirect(303, "/");
}
