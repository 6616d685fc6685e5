import { isFromOwnPage } from "../../../rendering/own-page.js";
import { withClient } from "../../telematics.js";

export async function POST(request) {
  if (!isFromOwnPage(request.headers)) return new Response(null, { status: 403 });
  const firstName = (await request.formData()).get("firstName");
  await withClient((client) => client.register({ firstName }));
  return new Response(null, { status: 303, headers: { Location: "/", "Cache-Control": "private, no-store" } });
}
