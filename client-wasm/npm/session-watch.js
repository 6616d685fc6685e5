// For the adapters that leave the creation of the client to the app.

/** Calls `run` with the session at once and after each change, until the returned function is called. */
export function watchSession(client, run) {
  let stop;
  let ended = false;
  const start = (client) => {
    if (ended) return;
    stop = client.onSessionChange(({ session }) => run(session));
    run(client.session);
  };
  if (client && !client.then) start(client);
  else {
    run(null);
    // The app has the promise and reports its rejection.
    client?.then(start, () => {});
  }
  return () => {
    ended = true;
    stop?.();
  };
}
