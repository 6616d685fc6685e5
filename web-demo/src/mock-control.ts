import { connectMockServer, MockServerError, type Health, type TokenKind } from "telematics-user-client/testing/page";

/** A token of a user that the page can expire. */
export type ExpirableToken = Exclude<TokenKind, "all">;

/** The health of the mock server at this address; null if no mock server answers there. */
export async function findMock(service: string): Promise<Health | null> {
  return connectMockServer(service)
    .health()
    .catch(() => null);
}

/** Makes the mock server treat a user's token as expired from now on. Throws an `Error` with the server's own sentence if it refuses. */
export async function expireToken(service: string, deviceToken: string, which: ExpirableToken): Promise<void> {
  try {
    await connectMockServer(service).expire(deviceToken, which);
  } catch (error) {
    throw error instanceof MockServerError && error.reason !== undefined ? new Error(error.reason, { cause: error }) : error;
  }
}
