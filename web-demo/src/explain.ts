import { UserServiceError } from "telematics-user-client";
import type { Place } from "./state";

/** An error as a person at the page reads it. */
export interface Explanation {
  /** What happened and what to do, in a sentence or two. */
  readonly text: string;
  /** What the service said, for whoever debugs: code, status, title. */
  readonly facts: readonly string[];
  /** Complaints about single fields. */
  readonly fields: readonly { readonly key: string; readonly message: string }[];
}

/** Puts an error of the client, or any other, into words that fit the part of the page where it happened. */
export function explain(error: unknown, place: Place): Explanation {
  if (!(error instanceof UserServiceError)) {
    return { text: error instanceof Error ? error.message : "Something unexpected happened.", facts: [], fields: [] };
  }
  const facts: string[] = [error.code];
  if (error.status !== undefined) facts.push(`HTTP ${error.status}`);
  if (error.title !== undefined && error.title !== "") facts.push(error.title);
  return { text: sentence(error, place), facts, fields: error.fields ?? [] };
}

function sentence(error: UserServiceError, place: Place): string {
  switch (error.code) {
    case "network":
      return "The service cannot be reached at this address. Is it running?";
    case "timeout":
      return "The service did not answer in time.";
    case "aborted":
      return "The call was cancelled.";
    case "rate-limited":
      return error.retryAfterSeconds === undefined
        ? "The service asks for a pause. Try again later."
        : `The service asks for a pause. Try again in ${error.retryAfterSeconds} s.`;
    case "unauthorized":
      return unauthorized(place);
    case "session-expired":
      return "The session is over and could not be renewed. Log in with the device token, or register again.";
    case "forbidden":
      return "The service knows this user and refuses. An account that is switched off can only be switched on again by an admin.";
    case "not-found":
      return "The service does not know what was asked for: the invite code or the user.";
    case "validation":
      return "The service does not accept these values.";
    case "service":
      return "The service failed. The session is unchanged; try again.";
    case "decode":
      return "The answer makes no sense as one of the user service. Is this its address?";
    case "storage":
      return "This browser would not keep the session. It lasts until the page is closed.";
    case "not-signed-in":
      return "Nobody is signed in. Register a user or log in first.";
    case "invalid-argument":
      return error.message;
    case "disposed":
      return "This connection was closed. Connect again.";
  }
}

function unauthorized(place: Place): string {
  switch (place) {
    case "register":
      return "The instance ID or the instance key is wrong. The service does not say which.";
    case "login":
      return "The device token, the instance ID or the instance key is wrong. The service does not say which.";
    case "connect":
    case "session":
    case "telematics":
    case "calls":
    case "mock":
      return "The service did not accept the session, not even a renewed one.";
  }
}
