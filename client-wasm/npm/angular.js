// The entry `telematics-user-client/angular`.
import { DestroyRef, inject, signal } from "@angular/core";
import { Observable, catchError, switchMap } from "rxjs";
import { watchSession } from "./session-watch.js";

export function telematicsInterceptor(client, { apiOrigins } = {}) {
  const origins = new Set([apiOrigins].flat().map((url) => originOf(url)));
  if (origins.has(undefined)) throw new TypeError("apiOrigins must be a list of absolute addresses.");
  return (request, next) => {
    const isOwn = client && !request.headers.has("Authorization") && origins.has(originOf(request.url, globalThis.document?.baseURI));
    return isOwn ? send(client, request, next) : next(request);
  };
}

export function sessionSignal(client) {
  const session = signal(null);
  inject(DestroyRef).onDestroy(watchSession(client, session.set));
  return session.asReadonly();
}

function originOf(url, base) {
  try {
    return new URL(url, base).origin;
  } catch {
    // A relative address has no origin on a server.
  }
}

/** Sends a request with the access token, and once more if the token is rejected. */
function send(given, request, next) {
  const attempt = (token) => next(token ? request.clone({ setHeaders: { Authorization: `Bearer ${token}` } }) : request);
  const first = async (signal) => {
    const client = await given;
    const token = await client.getAccessToken({ signal });
    return { client, token, session: client.session };
  };
  return abortable(first).pipe(
    switchMap(({ client, token, session }) => {
      const second = async (signal) => {
        // Another request may have renewed the access token meanwhile.
        if (client.session?.accessToken === token) await client.refresh({ signal });
        // A request of one user is never repeated as another user.
        return client.session?.deviceToken === session.deviceToken ? client.getAccessToken({ signal }) : null;
      };
      return attempt(token).pipe(
        catchError((error) => {
          const isRejected = error.status === 401 || error.status === 419;
          if (!isRejected || !token || session?.accessToken !== token) throw error;
          return abortable(second).pipe(
            switchMap((renewed) => {
              if (!renewed) throw error;
              return attempt(renewed);
            }),
          );
        }),
      );
    }),
  );
}

/** The result of an asynchronous function, whose signal is aborted when the subscriber leaves. */
function abortable(begin) {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    begin(controller.signal).then(
      (value) => {
        subscriber.next(value);
        subscriber.complete();
      },
      (error) => subscriber.error(error),
    );
    return () => controller.abort();
  });
}
