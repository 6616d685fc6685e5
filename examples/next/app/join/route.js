import { withClient } from "../../telematics.js";

export async function POST(request) {
  const firstName = (await request.formData()).get("firstName");
  await withClient((client) => client.register({ firstName }));
  return new Response(null, { status: 303, headers: { Location: "/", "Cache-Control": "private, no-store" } });
}
