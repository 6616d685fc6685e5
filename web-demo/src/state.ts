import type { Session, SessionChange, User } from "telematics-user-client";
import type { Explanation } from "./explain";
import { emptyLog, type Log } from "./exchanges";
import type { MockServer } from "./mock-control";
import type { Settings } from "./settings";

/** The parts of the page that report how their last action went. */
export type Place = "connect" | "register" | "login" | "session" | "telematics" | "calls" | "mock";

/** The telematics parameters that a switch changes. */
export type Switch = "enableTracking" | "enableLogging" | "enableRealTimeLocation" | "enabled";

/** What a part of the page says about its last action. */
export type Notice =
  | { readonly tone: "done"; readonly text: string }
  | ({ readonly tone: "error" } & Explanation);

/** Everything the page shows. */
export interface State {
  readonly settings: Settings;
  readonly connected: boolean;
  /** null: the service has no control API. */
  readonly mock: MockServer | null;
  readonly session: Session | null;
  readonly lastChange: Pick<SessionChange, "kind" | "origin"> | null;
  /** The user's record as last read from the service. */
  readonly user: User | null;
  /** Switches under way, with the value asked for. */
  readonly switching: ReadonlyMap<Switch, boolean>;
  /** Parts of the page whose action is under way. */
  readonly busy: ReadonlySet<Place>;
  readonly notices: ReadonlyMap<Place, Notice>;
  readonly log: Log;
  /** Wall clock in milliseconds, for the countdown. */
  readonly now: number;
}

/** The state before anything happened. */
export function initialState(settings: Settings): State {
  return {
    settings,
    connected: false,
    mock: null,
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

/** Holds the state and tells one listener, once for any number of changes in one turn. */
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

  /** Marks an action of a part of the page as under way, or over. */
  setBusy(place: Place, busy: boolean): void {
    const places = new Set(this.#state.busy);
    if (busy) places.add(place);
    else places.delete(place);
    this.set({ busy: places });
  }

  /** Sets what a part of the page says; null: nothing. */
  setNotice(place: Place, notice: Notice | null): void {
    const notices = new Map(this.#state.notices);
    if (notice === null) notices.delete(place);
    else notices.set(place, notice);
    this.set({ notices });
  }

  /** Marks a switch as under way; undefined: it has settled. */
  setSwitching(name: Switch, value: boolean | undefined): void {
    const switching = new Map(this.#state.switching);
    if (value === undefined) switching.delete(name);
    else switching.set(name, value);
    this.set({ switching });
  }
}
