/**
 * The client in an Angular app (18 or later): an interceptor for `HttpClient`, and the session as a signal.
 *
 * @packageDocumentation
 */

import type { HttpInterceptorFn } from "@angular/common/http";
import type { Signal } from "@angular/core";
import type { Session, UserServiceClient } from "./index.js";

/** The client of an app, or the promise of `UserServiceClient.create()`; `null` on a server. */
export type AngularClient = UserServiceClient | PromiseLike<UserServiceClient> | null;

/** The options of {@link telematicsInterceptor}. */
export interface InterceptorOptions {
  /** The origins to which the access token is sent, such as `https://user.telematicssdk.com`. */
  apiOrigins: string[];
}

/**
 * Adds the access token to the requests of `HttpClient` to `apiOrigins`:
 * `provideHttpClient(withInterceptors([telematicsInterceptor(client, { apiOrigins })]))`.
 *
 * A 401 (or 419) renews the access token, by the one renewal that all calls share, and the request is sent once more. A second
 * rejection reaches the app as the `HttpErrorResponse`; a failed renewal as a `UserServiceError`. Other requests are sent unchanged:
 * those to other origins, those with an `Authorization` header of their own, and those without a client. While no user is signed in,
 * requests are sent without an access token. The interceptor has no part in `deviceTokenHeader`.
 */
export function telematicsInterceptor(client: AngularClient, options: InterceptorOptions): HttpInterceptorFn;

/**
 * The session as a signal; `null` if no user is signed in, and while the promise of a client is pending or after it was rejected. Call
 * it in an injection context, such as the field of a component: it follows the session until that context is destroyed.
 */
export function sessionSignal(client: AngularClient): Signal<Session | null>;
