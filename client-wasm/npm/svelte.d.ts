/**
 * The session as a Svelte store. It follows the store contract, so it needs nothing of Svelte, and works with every version.
 *
 * @packageDocumentation
 */

import type { Session, UserServiceClient } from "./index.js";

/** A readable store of the session: `$session` in a component, or `fromStore(session).current` of Svelte 5. */
export interface SessionStore {
  /** Calls `run` with the session at once and after every change; returns a function that ends this. */
  subscribe(this: void, run: (session: Session | null) => void): () => void;
}

/**
 * The session of a client; `null` if no user is signed in. The client may be a promise, such as that of `UserServiceClient.create()`:
 * the session is `null` until it is fulfilled, and stays `null` if it is rejected, which your app can show with `{#await client}`. On a
 * server pass `null`.
 */
export function sessionStore(client: UserServiceClient | PromiseLike<UserServiceClient> | null): SessionStore;
