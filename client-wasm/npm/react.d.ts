/**
 * The client in a React app (18 or later): one provider, and hooks that render again when the session changes.
 *
 * @packageDocumentation
 */

import type { ReactElement, ReactNode } from "react";
import type { ClientSource, TelematicsState } from "./client-state.js";
import type { Session, UserServiceClient } from "./index.js";

export type { ClientSource, TelematicsState };

/** The properties of {@link TelematicsProvider}: `client` or `create`. */
export type TelematicsProviderProps = ClientSource & {
  /** The components that use the client. */
  children?: ReactNode;
};

/**
 * Gives the client to all components below it. With `create` it creates the client after it was mounted, and disposes it after it was
 * unmounted; StrictMode makes it neither create a second client nor lose the first. After a failed `create`, another `key` on the
 * provider tries again. On a server the client is loading, so that a page can be hydrated.
 */
export function TelematicsProvider(props: TelematicsProviderProps): ReactElement;

/** The client, its session, and whether it is loading or has failed; renders again after every change. */
export function useTelematics(): TelematicsState;

/** The session; `null` if no user is signed in, and while the client loads. Renders again when the session changes. */
export function useSession(): Session | null;

/** The client; `null` while it loads. Does not render again when the session changes. */
export function useClient(): UserServiceClient | null;
