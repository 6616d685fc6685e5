// @ts-check
// Starts the mock in a service worker from a page.
import { MockServerError, messageOf } from "../control/errors.js";
import { STAY, WHERE } from "./greeting.js";
import { withOptions } from "./options.js";

/**
 * @import { Greeting } from "./scope.d.ts"
 * @import { MockWorkerOptions } from "../page.d.ts"
 */

/** The name of the worker's script in the package. */
const SCRIPT = "telematics-mock-worker.js";
/** The time between two messages that keep the worker running, in milliseconds. */
const STAY_INTERVAL = 10_000;
/** The time after which a worker is not one of a mock, in milliseconds. */
const PATIENCE = 20_000;

/** @type {ReturnType<typeof setInterval> | undefined} */
let staying;

/**
 * Registers the worker, and resolves once it answers the requests of this page: to its registration and the address of the mock.
 *
 * @param {MockWorkerOptions} options
 */
export async function registerWorker({ script = SCRIPT, scope, type = "classic", ...others }) {
  const workers = navigator.serviceWorker;
  if (!workers) throw new MockServerError(unavailable());
  const address = withOptions(new URL(script, document.baseURI), others);
  const registration = await workers
    .register(address, { type, updateViaCache: "none", ...(scope !== undefined && { scope: String(scope) }) })
    .catch((cause) => {
      throw new MockServerError(`The service worker ${address.pathname} could not be registered: ${messageOf(cause)}.`, { cause });
    });
  if ((await workers.getRegistration())?.scope !== registration.scope) {
    const remedy = "set the option `scope`, or move the script";
    throw new MockServerError(`This page is not one of the service worker, which has the pages below ${registration.scope}: ${remedy}.`);
  }
  const answered = activated(registration).then(async (worker) => ({ worker, greeting: await greet(worker) }));
  const { worker, greeting } = await inTime(address, answered);
  if ("error" in greeting) throw new MockServerError(`The mock in the service worker did not start: ${greeting.error}.`);
  while (workers.controller?.scriptURL !== worker.scriptURL) await new Promise((resolve) => workers.addEventListener("controllerchange", resolve, { once: true }));
  // The journal and the faults end with the worker, so it runs as long as a page is open.
  staying ??= setInterval(() => workers.controller?.postMessage(STAY), STAY_INTERVAL);
  return { registration, url: greeting.url };
}

/** Why the browser has no service workers for this page, and what to do. */
function unavailable() {
  return isSecureContext
    ? "The mock needs service workers, and this browser has none for this page: private windows of some browsers do not have them."
    : "The mock needs service workers, which browsers have only for pages from https or from this machine: open the page by https, or from localhost.";
}

/** The newest worker, once it is active. @param {ServiceWorkerRegistration} registration @returns {Promise<ServiceWorker>} */
function activated({ installing, waiting, active }) {
  const worker = installing ?? waiting ?? active;
  return new Promise((resolve, reject) => {
    const look = () => {
      if (worker?.state === "activated") resolve(worker);
      if (!worker || worker.state === "redundant") reject(new MockServerError("The service worker was replaced by another one, or could not be installed."));
    };
    worker?.addEventListener("statechange", look);
    look();
  });
}

/** Asks the worker for its mock. @param {ServiceWorker} worker @returns {Promise<Greeting>} */
function greet(worker) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => (port1.close(), resolve(data));
    worker.postMessage(WHERE, [port2]);
  });
}

/**
 * Rejects if the worker does not take the place of another one, or does not know the question: it is that of another library.
 *
 * @template T
 * @param {URL} script
 * @param {Promise<T>} greeting
 * @returns {Promise<T>}
 */
function inTime(script, greeting) {
  return new Promise((resolve, reject) => {
    const remedy = "the script has to call `serveMock` of telematics-mock/worker";
    const giveUp = () => reject(new MockServerError(`The service worker ${script.pathname} has no mock: ${remedy}.`));
    const patience = setTimeout(giveUp, PATIENCE);
    void greeting.then(resolve, reject).finally(() => clearTimeout(patience));
  });
}
