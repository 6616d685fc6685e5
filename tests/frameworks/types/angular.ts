// The types of the Angular adapter, as an app uses them.
import { provideHttpClient, withInterceptors } from "@angular/common/http";
import type { Signal } from "@angular/core";
import type { Session, UserServiceClient } from "telematics-user-client";
import { sessionSignal, telematicsInterceptor } from "telematics-user-client/angular";

declare const client: UserServiceClient;
declare const loading: Promise<UserServiceClient>;
const apiOrigins = ["https://user.telematicssdk.com"];

provideHttpClient(withInterceptors([telematicsInterceptor(client, { apiOrigins }), telematicsInterceptor(loading, { apiOrigins })]));
telematicsInterceptor(null, { apiOrigins });
// @ts-expect-error: the origins are necessary
telematicsInterceptor(client, {});
// @ts-expect-error: the argument is a client
telematicsInterceptor({}, { apiOrigins });

export const session: Signal<Session | null> = sessionSignal(client);
// @ts-expect-error: there may be no session
session().deviceToken;
// @ts-expect-error: only the client changes the session
sessionSignal(loading).set(null);
