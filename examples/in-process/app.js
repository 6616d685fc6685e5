// @ts-check
// The app under test: it greets its user, and keeps that user signed in.
import { UserServiceClient } from "telematics-user-client";

/** @import { ClientOptions } from "telematics-user-client" */

/** Opens the app. @param {ClientOptions} options its tests pass in `fetch` */
export async function openApp(options) {
  const client = await UserServiceClient.create(options);
  return {
    /** Signs a new user in. @param {string} firstName */
    join: (firstName) => client.register({ firstName }),
    /** What the page shows. */
    async greeting() {
      if (!client.session) return "Please join";
      const { userProfile } = await client.profile();
      return `Hello ${userProfile.firstName}`;
    },
    /** @param {string} firstName */
    rename: (firstName) => client.update({ firstName }),
    /** Exchanges the tokens. @param {{ signal?: AbortSignal }} [options] */
    renew: (options) => client.refresh(options),
    /** The permanent id of the user. */
    get user() {
      return client.session?.deviceToken;
    },
    close: () => client.dispose(),
  };
}
