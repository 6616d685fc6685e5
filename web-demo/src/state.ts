import type { Session, SessionChange, User } from "telematics-user-client";
import type { Fault, Health } from "telematics-mock/page";
import type { Explanation } from "./explain";
import { emptyLog, type Log } from "./exchanges";
import type { Panel } from "./panel";
import type { Settings } from "./settings";

/** The telematics parameters that a switch changes. */
export type Switch = "enableTracking" | "enableLogging" | "enableRealTimeLocation" | "enabled";

/** The report of a panel about its last action. */
export type Notice =
  | { readonly tone: "done"; readonly text: string }
  | ({ readonly tone: "error" } & Explanation);

/** The state from which the page is rendered. */
export interface State {
  readonly settings: Settings;
  readonly connected: boolean;
  /** null if the service is not a mock server. */
  readonly mock: Health | null;
  /** The faults of the mock server, as they were last read. */
  readonly faults: readonly Fault[];
  /** The device token of the user whom the page added last. */
  readonly addedUser: string | null;
  readonly session: Session | null;
  readonly lastChange: Pick<SessionChange, "kind" | "origin"> | null;
  /** The user's record, as it was last read from the service. */
  readonly user: User | null;
  /** Switches whose change is not finished, with the requested value. */
  readonly switching: ReadonlyMap<Switch, boolean>;
  /** Panels whose action is not finished. */
  readonly busy: ReadonlySet<Panel>;
  readonly notices: ReadonlyMap<Panel, Notice>;
  readonly log: Log;
  /** Wall clock in milliseconds, for the countdown. */
  readonly now: number;
}

/** The state before the first action. */
export function initialState(settings: Settings): State {
  return {
    settings,
    connected: false,
    mock: null,
    faults: [],
    addedUser: null,
    session: null,
    lastChange: null,
    user: null,
    switching: new Map(),
    busy: new Set(),
    notices: new Map(),
    log: emptyLog,
    now: Date.now(),
  };
}

/** Holds the state and renders it: once for all changes in the same turn of the event loop. */
export class Store {
  #state: State;
  #scheduled = false;
  readonly #render: (state: State) => void;

  constructor(state: State, render: (state: State) => void) {
    this.#state = state;
    this.#render = render;
    this.set({});
  }

  get state(): State {
    return this.#state;
  }

  set(changes: Partial<State>): void {
    this.#state = { ...this.#state, ...changes };
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#render(this.#state);
    });
  }

  /** Marks the action of a panel as running or finished. */
  setBusy(panel: Panel, isBusy: boolean): void {
    const busy = new Set(this.#state.busy);
    if (isBusy) busy.add(panel);
    else busy.delete(panel);
    this.set({ busy });
  }

  /** Sets the report of a panel; null removes it. */
  setNotice(panel: Panel, notice: Notice | null): void {
    const notices = new Map(this.#state.notices);
    if (notice === null) notices.delete(panel);
    else notices.set(panel, notice);
    this.set({ notices });
  }

  /** Shows the requested value of a switch while its change runs; undefined once the change is finished. */
  setSwitching(name: Switch, value: boolean | undefined): void {
    const switching = new Map(this.#state.switching);
    if (value === undefined) switching.delete(name);
    else switching.set(name, value);
    this.set({ switching });
  }
}
