import { startMockWorker } from "telematics-mock/page";

/** Whether this is the build for static file servers, in which the mock answers in a service worker of this browser. */
const isForStaticServers = import.meta.env.MODE === "pages";

/** The address of the service that comes with the page: the page's own origin, or the mock beside the page. */
export function ownService(page: URL): string {
  return isForStaticServers ? new URL("mock", page).href : page.origin;
}

/** Whether the service at this address answers in this browser. */
export function isInThisBrowser(service: string): boolean {
  return isForStaticServers && service === ownService(new URL(location.href));
}

/** Starts the service that answers in this browser, unless it runs. Throws an `Error` with a sentence if this browser cannot run it. */
export async function startOwnService(): Promise<void> {
  await startMockWorker();
}
