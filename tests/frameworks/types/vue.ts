// The types of the Vue adapter, as an app uses them.
import type { Session, UserServiceClient } from "telematics-user-client";
import { TelematicsPlugin, useClient, useSession, useTelematics } from "telematics-user-client/vue";
import { createApp, type App } from "vue";

declare const client: UserServiceClient;
declare const create: () => Promise<UserServiceClient>;
declare const app: App;

createApp({}).use(TelematicsPlugin, { client }).use(TelematicsPlugin, { create });
app.use(TelematicsPlugin, { client: null });
// @ts-expect-error: a client or a function is necessary
app.use(TelematicsPlugin, {});
// @ts-expect-error: a client and a function exclude each other
app.use(TelematicsPlugin, { client, create });

const telematics = useTelematics();
if (telematics.value.status === "ready") void telematics.value.client.profile();
export const session: Session | null = useSession().value;
// @ts-expect-error: there may be no client
useClient().value.profile();
// @ts-expect-error: only the client changes the session
useSession().value = null;
