// What an app shows of a client: loading, ready or failed. For the adapters that can create the client themselves.

/** The state before the client is there, and on a server. */
export const LOADING = { status: "loading", client: null, session: null, error: null };

/** The state of a given client, or of one that `create` makes when the first listener subscribes. */
export function clientState(given, create) {
  const listeners = new Set();
  let state = given ? ready(given) : LOADING;
  let end;

  function change(next) {
    state = next;
    for (const listener of [...listeners]) listener();
  }

  function begin() {
    let ended = false;
    let stop;
    const listen = (client) => client.onSessionChange(() => change(ready(client)));
    if (given) return listen(given);
    if (create) {
      new Promise((resolve) => resolve(create())).then(
        (client) => {
          if (ended) return client.dispose();
          const silence = listen(client);
          stop = () => {
            silence();
            client.dispose();
          };
          change(ready(client));
        },
        (error) => ended || change({ ...LOADING, status: "failed", error }),
      );
    }
    return () => {
      ended = true;
      stop?.();
      state = LOADING;
    };
  }

  return {
    get() {
      // Before the first subscription nothing reports a change.
      if (state.client && state.client.session !== state.session) state = ready(state.client);
      return state;
    },
    subscribe(listener) {
      listeners.add(listener);
      end ??= begin();
      return () => {
        listeners.delete(listener);
        // React's StrictMode unsubscribes and subscribes again in one task: that must not replace the client.
        queueMicrotask(() => {
          if (listeners.size) return;
          end?.();
          end = undefined;
        });
      };
    },
  };
}

function ready(client) {
  return { status: "ready", client, session: client.session, error: null };
}
