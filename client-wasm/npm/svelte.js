// The entry `telematics-user-client/svelte`.
import { watchSession } from "./session-watch.js";

export const sessionStore = (client) => ({ subscribe: (run) => watchSession(client, run) });
