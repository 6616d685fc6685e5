import { redirect } from "@sveltejs/kit";

export async function POST({ request, locals }) {
  const firstName = (await request.formData()).get("firstName");
  await locals.client.register({ firstName });
  redirect(303, "/");
}
