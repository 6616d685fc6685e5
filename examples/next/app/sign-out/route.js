import { isFromOwnPage } from "../../../rendering/own-page.js";
import { withClient } from "../../telematics.js";

export async function POST(request) {
  if (!isFromOwnPage(request.headers)) return new Response(null, { status: 403 });
  await withClient((client) => client.signOut());
  return new Response(null, { status: 303, headers: { Location: "/", "Cache-Control": "private, no-store" } });
}
