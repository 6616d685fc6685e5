import { UserServiceClient, type NewUser, type SessionChange } from "telematics-user-client";
import { explain } from "./explain";
import { Recorder } from "./exchanges";
import { addFault, addUser, clearFaults, expireToken, findMock, listFaults, releaseFault, type ExpirableToken, type UserStates } from "./mock-control";
import type { Effect } from "./mock-effects";
import { isInThisBrowser, startOwnService } from "./own-service";
import type { Panel } from "./panel";
import { addressOf, serviceAddress, type Settings } from "./settings";
import { initialState, Store, type State, type Switch } from "./state";

/** The number of calls that the button "Ten calls at once" makes. */
const callsAtOnce = 10;

/** The actions of the page. Each one reports in its own panel and never throws. */
export class Demo {
  readonly #store: Store;
  readonly #recorder: Recorder;
  #client: UserServiceClient | null = null;

  constructor(settings: Settings, render: (state: State) => void) {
    this.#store = new Store(initialState(settings), render);
    this.#recorder = new Recorder((log) => {
      this.#store.set({ log });
      void this.#followFaults();
    });
    window.setInterval(() => {
      if (this.#store.state.session?.expiresAt != null) this.#store.set({ now: Date.now() });
      // A request that is held ends no exchange.
      if (this.#store.state.faults.some(({ then, times, held }) => then.hold !== undefined && (times !== 0 || held > 0))) void this.#followFaults();
    }, 1000);
  }

  /** Connects to a service as an instance and restores the session that this browser stored for it. */
  connect(settings: Settings): Promise<void> {
    return this.#act("connect", async () => {
      const service = serviceAddress(settings.service);
      if (service === null) throw new Error("The service address must be an http or https address.");
      const applied = { ...settings, service };
      this.#client?.dispose();
      this.#client = null;
      this.#store.set({ ...initialState(applied), log: this.#store.state.log, busy: this.#store.state.busy });
      history.replaceState(null, "", addressOf(applied, new URL(location.href)));

      if (isInThisBrowser(service)) await startOwnService();
      const client = await UserServiceClient.create({
        baseUrl: service,
        instanceId: settings.instanceId,
        ...(settings.instanceKey === "" ? {} : { instanceKey: settings.instanceKey }),
        fetch: this.#recorder.wrap(globalThis.fetch.bind(globalThis), service),
      });
      // A newer connection has replaced this one in the meantime.
      if (this.#store.state.settings !== applied) return client.dispose();
      this.#client = client;
      client.onSessionChange((change) => this.#sessionChanged(change));
      client.onWarning((warning) => this.#store.setNotice("session", { tone: "done", text: warning.message }));
      this.#store.set({ connected: true, session: client.session });
      if (client.session !== null) this.#store.set({ lastChange: { kind: "restored", origin: "this-tab" } });
      const mock = await findMock(service);
      if (client !== this.#client) return;
      this.#store.set({ mock });
      // A server with a control token refuses this; the page works without the list.
      if (mock !== null) await this.#readFaults().catch(() => undefined);
      if (client.session !== null) await this.#readBack();
    });
  }

  /** Registers a user; the page is signed in as that user afterwards. */
  register(user: NewUser): Promise<void> {
    return this.#act("register", async () => {
      await this.#connection().register(user);
      await this.#readBack();
      return "Registered and signed in.";
    });
  }

  /** Logs a known user in with the device token (and the instance key). */
  login(deviceToken: string): Promise<void> {
    return this.#act("login", async () => {
      await this.#connection().login({ deviceToken });
      await this.#readBack();
      return "Signed in.";
    });
  }

  /** Ends the session here and in other tabs. */
  signOut(): Promise<void> {
    return this.#act("session", async () => {
      await this.#connection().signOut();
    });
  }

  /** Puts a token on the clipboard. */
  copy(name: "Device token" | "Access token", token: string): Promise<void> {
    return this.#act("session", async () => {
      await navigator.clipboard.writeText(token).catch(() => {
        throw new Error("The browser did not allow this page to use the clipboard.");
      });
      return `${name} copied.`;
    });
  }

  /** Reads the user's record. */
  readProfile(): Promise<void> {
    return this.#act("calls", async () => {
      await this.#readBack();
      return "Profile read.";
    });
  }

  /** Renews the session before it needs to be renewed. */
  refresh(): Promise<void> {
    return this.#act("calls", async () => {
      await this.#connection().refresh();
      return "A new access token and a new refresh token.";
    });
  }

  /** Makes ten calls at the same time. */
  tenAtOnce(): Promise<void> {
    return this.#act("calls", async () => {
      const client = this.#connection();
      const start = performance.now();
      const results = await Promise.allSettled(Array.from({ length: callsAtOnce }, () => client.profile()));
      const failed = results.filter((result) => result.status === "rejected");
      if (failed[0] !== undefined && failed.length === callsAtOnce) throw failed[0].reason;
      const last = results.findLast((result) => result.status === "fulfilled");
      if (last !== undefined) this.#store.set({ user: last.value });
      return `${callsAtOnce - failed.length} of ${callsAtOnce} calls answered in ${Math.round(performance.now() - start)} ms.`;
    });
  }

  /** Changes one telematics parameter, then reads the stored value back. */
  async switch(name: Switch, value: boolean): Promise<void> {
    this.#store.setSwitching(name, value);
    await this.#act("telematics", async () => {
      await this.#connection().update({ userFields: { [name]: value } });
      if (name === "enabled" && !value) {
        this.#store.set({ user: null });
        return "The account is switched off. The service refuses this user until an admin switches the account on again.";
      }
      await this.#readBack();
      return "Saved, and read back from the service.";
    });
    this.#store.setSwitching(name, undefined);
  }

  /** Makes the mock server expire a token without telling the client. */
  expire(which: ExpirableToken): Promise<void> {
    return this.#act("mock", async () => {
      const { session, settings } = this.#store.state;
      if (session === null) throw new Error("No user is signed in, so there is no token to expire.");
      await expireToken(settings.service, session.deviceToken, which);
      this.#recorder.note("mock", `The ${which} token has expired`);
      return which === "access"
        ? "The access token has expired on the service. The client does not know this yet; its next call will be rejected."
        : "The refresh token has expired on the service. The client does not know this yet; its next refresh will be rejected.";
    });
  }

  /** Lets a fault hit the next request with this path. */
  armFault(path: string, effect: Effect): Promise<void> {
    return this.#act("faults", async () => {
      await addFault(this.#store.state.settings.service, path, effect.then);
      this.#recorder.note("mock", `Fault armed: ${effect.label}`);
      await this.#readFaults();
    });
  }

  /** Releases the requests that a fault holds. */
  releaseFault(id: number): Promise<void> {
    return this.#act("faults", async () => {
      const released = await releaseFault(this.#store.state.settings.service, id);
      await this.#readFaults();
      return released === 1 ? "One request released." : `${released} requests released.`;
    });
  }

  /** Removes all faults of the mock server. */
  clearFaults(): Promise<void> {
    return this.#act("faults", async () => {
      await clearFaults(this.#store.state.settings.service);
      await this.#readFaults();
    });
  }

  /** Adds a user in chosen states. The person can then log in as this user. */
  addUser(states: UserStates): Promise<void> {
    return this.#act("users", async () => {
      const deviceToken = await addUser(this.#store.state.settings.service, states);
      this.#store.set({ addedUser: deviceToken });
      return `Added. The device token ${deviceToken} is in the field of the panel Log in.`;
    });
  }

  /** Empties the list of exchanges. */
  clearLog(): void {
    this.#recorder.clear();
  }

  async #readFaults(): Promise<void> {
    const { service } = this.#store.state.settings;
    const faults = await listFaults(service);
    if (service === this.#store.state.settings.service) this.#store.set({ faults });
  }

  /** Reads the faults again after an exchange, if one may have been hit. */
  async #followFaults(): Promise<void> {
    if (this.#store.state.faults.length > 0) await this.#readFaults().catch(() => undefined);
  }

  async #readBack(): Promise<void> {
    const client = this.#connection();
    const user = await client.profile();
    if (client === this.#client) this.#store.set({ user });
  }

  #sessionChanged(change: SessionChange): void {
    const known = this.#store.state.session;
    this.#store.set({ session: change.session, lastChange: { kind: change.kind, origin: change.origin }, now: Date.now() });
    if (change.session === null || change.session.deviceToken !== known?.deviceToken) this.#store.set({ user: null });
    // The report about an expired token no longer applies to the new session.
    this.#store.setNotice("mock", null);
    this.#recorder.note("session", `Session ${change.kind}${change.origin === "other-tab" ? " in another tab" : ""}`);
  }

  #connection(): UserServiceClient {
    if (this.#client === null) throw new Error("Not connected. Connect to a service first.");
    return this.#client;
  }

  async #act(panel: Panel, action: () => Promise<string | void>): Promise<void> {
    this.#store.setNotice(panel, null);
    this.#store.setBusy(panel, true);
    try {
      const done = await action();
      this.#store.setNotice(panel, done === undefined ? null : { tone: "done", text: done });
    } catch (error) {
      this.#store.setNotice(panel, { tone: "error", ...explain(error, panel) });
    } finally {
      this.#store.setBusy(panel, false);
    }
  }
}
