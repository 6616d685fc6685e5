import type { Session, UserServiceClient } from "./index.js";

/** Where the client of an app comes from: the app has one, or the adapter creates one. */
export type ClientSource =
  | {
      /** Your own client; `null` while your app loads it. The adapter never disposes it. */
      client: UserServiceClient | null;
      create?: undefined;
    }
  | {
      /**
       * Creates the client, such as `() => UserServiceClient.create(options)`. Called once for each time the provider is shown (in
       * Vue: the app is mounted), and never on a server; a later function is ignored. The adapter disposes the client that it
       * created when the provider goes.
       */
      create: () => Promise<UserServiceClient>;
      client?: undefined;
    };

/** The client and its session, or why there is none. */
export type TelematicsState =
  /** The client is not there yet. */
  | { readonly status: "loading"; readonly client: null; readonly session: null; readonly error: null }
  /** The client can be called; `session` is `null` if no user is signed in. */
  | { readonly status: "ready"; readonly client: UserServiceClient; readonly session: Session | null; readonly error: null }
  /** `create` has failed with this error, usually a `UserServiceError`. */
  | { readonly status: "failed"; readonly client: null; readonly session: null; readonly error: unknown };
