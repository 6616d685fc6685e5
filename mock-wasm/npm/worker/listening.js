// @ts-check
// The events of a service worker that belong to the mock.
import { messageOf } from "../control/errors.js";
import { isBelow } from "../fetching.js";
import { WHERE } from "./greeting.js";

/**
 * @import { Greeting, WorkerScope } from "./scope.d.ts"
 * @import { ServedMock } from "./served-mock.js"
 */

/**
 * Answers the requests of pages below `url`. All others, and navigations, go to the network as if there were no worker.
 *
 * @param {WorkerScope} worker
 * @param {string} url
 * @param {ServedMock} served
 */
export function listen(worker, url, served) {
  // The first page that registers the worker, and the pages of an earlier version, get this one at once.
  worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
  worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
  worker.addEventListener("fetch", (event) => {
    const { request } = event;
    if (request.mode !== "navigate" && isBelow(url, request.url)) event.respondWith(served.answer(request));
  });
  worker.addEventListener("message", (event) => {
    const [port] = event.ports;
    if (event.data !== WHERE || !port) return;
    /** @returns {Promise<Greeting>} */
    const greeting = async () => {
      await served.ready();
      // A page that was reloaded without the cache has no worker.
      await worker.clients.claim();
      return { url };
    };
    event.waitUntil(greeting().catch((cause) => ({ error: messageOf(cause) })).then((message) => port.postMessage(message)));
  });
}
