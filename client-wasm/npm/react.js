"use client";
// The entry `telematics-user-client/react`.
import { createContext, createElement, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import { LOADING, clientState } from "./client-state.js";

const Context = createContext(null);

export function TelematicsProvider({ client, create, children }) {
  // An app usually writes `create` as a function in JSX, which is another one at every render: only the first is used.
  const state = useMemo(() => clientState(client, create), [client]);
  // The provider listens for as long as it is mounted, so that the client stays while no component uses it.
  useEffect(() => state.subscribe(() => {}), [state]);
  return createElement(Context.Provider, { value: state }, children);
}

export const useTelematics = () => useSelected((state) => state);
export const useSession = () => useSelected((state) => state.session);
export const useClient = () => useSelected((state) => state.client);

function useSelected(select) {
  const state = useContext(Context);
  if (!state) throw new Error("This component needs a TelematicsProvider above it.");
  // On a server, and while its page is hydrated, every client is still loading.
  return useSyncExternalStore(state.subscribe, () => select(state.get()), () => select(LOADING));
}
