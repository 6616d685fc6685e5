/**
 * The client in a Vue app (3.5 or later): one plugin, and composables that follow the session.
 *
 * @packageDocumentation
 */

import type { ComputedRef, Plugin, ShallowRef } from "vue";
import type { ClientSource, TelematicsState } from "./client-state.js";
import type { Session, UserServiceClient } from "./index.js";

export type { ClientSource, TelematicsState };

/**
 * Gives the client to all components of an app: `app.use(TelematicsPlugin, { create })`. With `create` it creates the client after the
 * app was mounted, and disposes it after the app was unmounted. On a server nothing is mounted and the client is loading; use `create`
 * for a page that is hydrated. The plugin excludes the client from deep reactivity (`markRaw`).
 */
export const TelematicsPlugin: Plugin<[ClientSource]>;

/** The client, its session, and whether it is loading or has failed. */
export function useTelematics(): Readonly<ShallowRef<TelematicsState>>;

/** The session; `null` if no user is signed in, and while the client loads. */
export function useSession(): ComputedRef<Session | null>;

/** The client; `null` while it loads. */
export function useClient(): ComputedRef<UserServiceClient | null>;
