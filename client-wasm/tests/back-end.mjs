// Shared by the tests of the entry `server`: a sign-in handler with a fake user service behind it.
import { createSignInHandler, createSignInMiddleware } from "../npm/server.js";
import { answer, at, fakeService } from "./fake-service.mjs";

/** The address at which pages find the handler. */
export const ADDRESS = "https://app.example/telematics-login";

/** The options that every handler needs. */
export const required = { serviceUrl: at.baseUrl, instanceId: at.instanceId, instanceKey: at.instanceKey, deviceTokenOf: () => "device" };

/**
 * The options of a handler with a fake service, the requests that it sends to the service, and the errors that it reports.
 *
 * `replies` maps the end of a path of the service to a function that may return a response instead of the fake service.
 */
function withFakeService(options, replies = {}) {
  const [service, sent, errors] = [fakeService(), [], []];
  const fetch = async (url, init) => {
    const request = new Request(url, init);
    sent.push(request.clone());
    const end = Object.keys(replies).find((end) => isAt(end, request));
    return (end && (await replies[end](answer, request.signal))) || service(request);
  };
  const sentTo = (end) => sent.filter((request) => isAt(end, request));
  return { sent, sentTo, errors, options: { ...required, onError: (error) => void errors.push(error), fetch, ...options } };
}

/** A handler, and `ask`, which sends it the request of a page. */
export function backEnd(given, replies) {
  const { options, ...seen } = withFakeService(given, replies);
  const handler = createSignInHandler(options);
  const ask = (headers = {}, init = {}) => handler(new Request(ADDRESS, { method: "POST", headers, ...init }));
  return { ...seen, ask };
}

/** The same handler for Express and `node:http`. */
export function backEndInNode(given, replies) {
  const { options, ...seen } = withFakeService(given, replies);
  return { ...seen, signIn: createSignInMiddleware(options) };
}

/** Whether the path of a request ends like this. */
const isAt = (end, { url }) => new URL(url).pathname.endsWith(end);

/** The status of an answer, which must not be stored and must not contain a secret of the instance. */
export async function statusOf(answer) {
  const { status, headers } = await answer;
  return headers.get("Cache-Control") === "no-store" ? status : `${status} without no-store`;
}

/** A promise and the function that settles it. */
export function gate() {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  return { opened, open };
}
