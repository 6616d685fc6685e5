// Angular applications of one component, with an HttpClient whose requests reach a function.
import { place } from "./dom.mjs";
import "@angular/compiler";
import { HttpClient, provideHttpClient, withFetch, withInterceptors } from "@angular/common/http";
import { Component, InjectionToken, inject } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";

const SESSION = new InjectionToken("returns the session as a signal");

class App {
  http = inject(HttpClient);
  session = inject(SESSION)();
}
Component({ selector: "app-root", template: "{{ session()?.accessToken ?? 'none' }}" })(App);

/** Starts an application whose page shows the access token of `session()`; `fetch` receives the requests of its HttpClient. */
export async function start(t, { fetch, interceptors = [], session = () => () => null }) {
  const element = place(t, "<app-root></app-root>");
  t.mock.method(globalThis, "fetch", (url, init) => fetch(new Request(new URL(url, document.baseURI), init)));
  const app = await bootstrapApplication(App, {
    providers: [provideHttpClient(withFetch(), withInterceptors(interceptors)), { provide: SESSION, useValue: session }],
  });
  t.after(() => app.destroyed || app.destroy());
  return { app, element, http: app.components[0].instance.http };
}
