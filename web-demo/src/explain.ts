import { UserServiceError } from "telematics-user-client";
import type { Panel } from "./panel";

/** An error in the words of the page. */
export interface Explanation {
  /** The problem and the remedy, in one or two sentences. */
  readonly text: string;
  /** Details for debugging: code, status, title. */
  readonly facts: readonly string[];
  /** Errors of single fields. */
  readonly fields: readonly { readonly key: string; readonly message: string }[];
}

/** Explains an error of the client, or any other error, in words that fit the panel where it happened. */
export function explain(error: unknown, panel: Panel): Explanation {
  if (!(error instanceof UserServiceError)) {
    return { text: error instanceof Error ? error.message : "Something unexpected happened.", facts: [], fields: [] };
  }
  const facts: string[] = [error.code];
  if (error.status !== undefined) facts.push(`HTTP ${error.status}`);
  if (error.title !== undefined && error.title !== "") facts.push(error.title);
  return { text: sentence(error, panel), facts, fields: error.fields ?? [] };
}

function sentence(error: UserServiceError, panel: Panel): string {
  switch (error.code) {
    case "network":
      return "The service cannot be reached at this address. Is it running?";
    case "timeout":
      return "The service did not answer in time.";
    case "aborted":
      return "The call was cancelled.";
    case "rate-limited":
      return error.retryAfterSeconds === undefined
        ? "The service receives too many requests. Try again later."
        : `The service receives too many requests. Try again in ${error.retryAfterSeconds} s.`;
    case "unauthorized":
      return unauthorized(panel);
    case "session-expired":
      return "The session has ended and could not be renewed. Log in with the device token, or register again.";
    case "forbidden":
      return "The service refused this user. Only an admin can switch a deactivated account on again.";
    case "not-found":
      return "The service did not find the invite code or the user.";
    case "validation":
      return "The service rejected these values.";
    case "service":
      return "The service failed. The session is unchanged; try again.";
    case "decode":
      return "The response does not come from a user service. Check the address.";
    case "storage":
      return "The browser did not store the session. It lasts until the page is closed.";
    case "not-signed-in":
      return "No user is signed in. Register a user or log in first.";
    case "invalid-argument":
      return error.message;
    case "disposed":
      return "This connection was closed. Connect again.";
  }
}

function unauthorized(panel: Panel): string {
  switch (panel) {
    case "register":
      return "The instance ID or the instance key is wrong. The service does not reveal which.";
    case "login":
      return "The device token, the instance ID or the instance key is wrong. The service does not reveal which.";
    case "connect":
    case "session":
    case "telematics":
    case "calls":
    case "mock":
    case "faults":
    case "users":
      return "The service rejected the session, and rejected it again after a renewal.";
  }
}
