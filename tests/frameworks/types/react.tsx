// The types of the React adapter, as an app uses them.
import { UserServiceClient, UserServiceError } from "telematics-user-client";
import { TelematicsProvider, useClient, useSession, useTelematics } from "telematics-user-client/react";

declare const client: UserServiceClient;
declare const create: () => Promise<UserServiceClient>;

export function Profile() {
  const telematics = useTelematics();
  if (telematics.status === "failed") {
    return telematics.error instanceof UserServiceError ? <p>{telematics.error.code}</p> : null;
  }
  if (telematics.status === "ready") void telematics.client.profile();
  // @ts-expect-error: there may be no session
  useSession().deviceToken;
  // @ts-expect-error: there may be no client
  useClient().profile();
  return <p>{useSession()?.expiresAt?.toISOString()}</p>;
}

export const given = (
  <TelematicsProvider client={client}>
    <Profile />
    <Profile />
  </TelematicsProvider>
);
export const later = <TelematicsProvider client={null} />;
export const created = <TelematicsProvider create={create}>text</TelematicsProvider>;
// @ts-expect-error: a client or a function is necessary
export const neither = <TelematicsProvider />;
// @ts-expect-error: a client and a function exclude each other
export const both = <TelematicsProvider client={client} create={create} />;
