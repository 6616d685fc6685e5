import {
  connectMockServer,
  MockServerError,
  type Fault,
  type FaultEffect,
  type Health,
  type TokenKind,
  type UserState,
} from "telematics-mock/page";

/** A token of a user that the page can expire. */
export type ExpirableToken = Exclude<TokenKind, "all">;

/** The states of a user whom the page adds. */
export interface UserStates {
  readonly state: UserState;
  readonly accessToken: "none" | "valid" | "expired";
  readonly refreshToken: "none" | "live" | "used" | "superseded" | "revoked" | "expired";
}

/** The health of the mock server at this address; null if no mock server answers there. */
export async function findMock(service: string): Promise<Health | null> {
  return connectMockServer(service)
    .health()
    .catch(() => null);
}

/** Makes the mock server treat a user's token as expired from now on. Throws an `Error` with the server's own sentence if it refuses. */
export function expireToken(service: string, deviceToken: string, which: ExpirableToken): Promise<void> {
  return quoted(connectMockServer(service).expire(deviceToken, which));
}

/** Lets a fault hit the next request with this path. */
export async function addFault(service: string, path: string, then: FaultEffect): Promise<void> {
  await quoted(connectMockServer(service).faults.add({ match: { path }, times: 1, then }));
}

/** The faults of the mock server. */
export function listFaults(service: string): Promise<Fault[]> {
  return quoted(connectMockServer(service).faults.list());
}

/** Releases the requests that a fault holds; resolves to their number. */
export function releaseFault(service: string, id: number): Promise<number> {
  return quoted(connectMockServer(service).faults.release(id));
}

/** Removes all faults. */
export function clearFaults(service: string): Promise<void> {
  return quoted(connectMockServer(service).faults.clear());
}

/** Adds a user of the demo instance in these states; resolves to the device token. */
export async function addUser(service: string, states: UserStates): Promise<string> {
  return (await quoted(connectMockServer(service).users.add(states))).deviceToken;
}

/** The result of a control call; an error has the server's own sentence. */
async function quoted<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw error instanceof MockServerError && error.reason !== undefined ? new Error(error.reason, { cause: error }) : error;
  }
}
