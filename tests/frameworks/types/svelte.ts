// The types of the Svelte adapter, as an app uses them.
import type { Session, UserServiceClient } from "telematics-user-client";
import { sessionStore } from "telematics-user-client/svelte";
import { derived, fromStore, get, type Readable } from "svelte/store";

declare const client: UserServiceClient;

const session = sessionStore(client);
sessionStore(Promise.resolve(client));
sessionStore(null);
// @ts-expect-error: the argument is a client
sessionStore({});

export const store: Readable<Session | null> = session;
export const signedIn: Readable<boolean> = derived(session, (value) => value !== null);
export const current: Session | null = fromStore(session).current;
// @ts-expect-error: there may be no session
get(session).deviceToken;
// @ts-expect-error: only the client changes the session
session.set(null);
