// Clients whose creation, end and listeners a test can observe.
import { setImmediate } from "node:timers/promises";
import { signedIn } from "../../client-wasm/tests/fake-service.mjs";

/** Resolves after everything that waits for a settled promise has run. */
export const afterMicrotasks = () => setImmediate();

/** A function that creates clients with a signed-in user, as an app passes it, and the promises of all clients that it created. */
export function creator() {
  const created = [];
  const create = () => {
    created.push(signedIn().then(({ client }) => client));
    return created.at(-1);
  };
  return { create, created };
}

/** Whether the client was disposed. */
export const isDisposed = (client) => client.profile().then(() => false, ({ code }) => code === "disposed");

/** A client with the session of another one, and the number of its listeners. */
export function watched(client) {
  let count = 0;
  const onSessionChange = (listener) => {
    const stop = client.onSessionChange(listener);
    count += 1;
    return () => {
      count -= 1;
      stop();
    };
  };
  return { client: { session: client.session, onSessionChange }, listening: () => count };
}
