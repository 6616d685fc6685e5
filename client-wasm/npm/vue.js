// The entry `telematics-user-client/vue`.
import { computed, inject, markRaw, shallowRef } from "vue";
import { clientState } from "./client-state.js";

const key = Symbol();

export const TelematicsPlugin = {
  install(app, { client, create }) {
    const state = clientState(client, create);
    const current = shallowRef();
    const update = () => {
      current.value = state.get();
      // A reactive proxy of the client could not reach the private fields of the class.
      if (current.value.client) markRaw(current.value.client);
    };
    update();
    app.provide(key, current);
    const { mount } = app;
    // A server renders without mounting. A client that is created here arrives after a page was hydrated.
    app.mount = (...args) => {
      app.onUnmount(state.subscribe(update));
      update();
      return mount(...args);
    };
  },
};

export function useTelematics() {
  const current = inject(key, null);
  if (!current) throw new Error("This app needs the TelematicsPlugin.");
  return current;
}

export const useSession = () => select("session");
export const useClient = () => select("client");

function select(name) {
  const current = useTelematics();
  return computed(() => current.value[name]);
}
