import { withClient } from "../../../telematics.js";

// What the page fetches. It answers with the fields that the page shows: a user's record contains the device token.
export async function GET() {
  const headers = { "Cache-Control": "private, no-store" };
  try {
    const { userProfile } = await withClient((client) => client.profile());
    return Response.json({ firstName: userProfile.firstName }, { headers });
  } catch (error) {
    const isSignedOut = ["not-signed-in", "session-expired"].includes(error.code);
    return Response.json({ code: error.code }, { status: isSignedOut ? 401 : 502, headers });
  }
}
