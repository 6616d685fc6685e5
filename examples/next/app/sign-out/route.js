import { withClient } from "../../telematics.js";

export async function POST() {
  await withClient((client) => client.signOut());
  return new Response(null, { status: 303, headers: { Location: "/", "Cache-Control": "private, no-store" } });
}
