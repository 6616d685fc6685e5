import { NextResponse } from "next/server";
import { clientFor } from "./telematics.js";

export const config = { matcher: "/" };

/** Renews the tokens before a page renders, because a Server Component cannot set cookies. */
export async function proxy(request) {
  const changes = [];
  const client = await clientFor({
    get: (name) => request.cookies.get(name)?.value,
    set(name, value, attributes) {
      request.cookies.set(name, value); // for the page
      changes.push([name, value, attributes]); // for the browser
    },
  });
  // The page shows what a failure means for the user.
  if (client.session) await client.profile().catch(() => {});
  client.dispose();
  const response = NextResponse.next({ request });
  for (const change of changes) response.cookies.set(...change);
  return response;
}
