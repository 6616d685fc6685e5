import { UserServiceClient, type NewUser, type SessionChange } from "telematics-user-client";
import { explain } from "./explain";
import { Recorder } from "./exchanges";
import { expireToken, findMock, type Expirable } from "./mock-control";
import { addressOf, serviceAddress, type Settings } from "./settings";
import { initialState, Store, type Place, type State, type Switch } from "./state";

/** How many calls "ten calls at once" makes. */
const atOnce = 10;

/** What a person can do at the page. Each verb reports in its own part of the page and never throws. */
export class Demo {
  readonly #store: Store;
  readonly #recorder: Recorder;
  #client: UserServiceClient | null = null;

  constructor(settings: Settings, render: (state: State) => void) {
    this.#store = new Store(initialState(settings), render);
    this.#recorder = new Recorder((log) => this.#store.set({ log }));
    window.setInterval(() => {
      if (this.#store.state.session?.expiresAt != null) this.#store.set({ now: Date.now() });
    }, 1000);
  }

  /** Connects to a service as an instance; a session that this browser kept for it is restored. */
  connect(settings: Settings): Promise<void> {
    return this.#act("connect", async () => {
      const service = serviceAddress(settings.service);
      if (service === null) throw new Error("The service address must be an http or https address.");
      const applied = { ...settings, service };
      this.#client?.dispose();
      this.#client = null;
      this.#store.set({ ...initialState(applied), log: this.#store.state.log, busy: this.#store.state.busy });
      history.replaceState(null, "", addressOf(applied, new URL(location.href)));

      const client = await UserServiceClient.create({
        baseUrl: service,
        instanceId: settings.instanceId,
        ...(settings.instanceKey === "" ? {} : { instanceKey: settings.instanceKey }),
        fetch: this.#recorder.wrap(globalThis.fetch.bind(globalThis)),
      });
      // Whoever connected again in the meantime wants that one.
      if (this.#store.state.settings !== applied) return client.dispose();
      this.#client = client;
      client.onSessionChange((change) => this.#sessionChanged(change));
      client.onWarning((warning) => this.#store.setNotice("session", { tone: "done", text: warning.message }));
      this.#store.set({ connected: true, session: client.session });
      if (client.session !== null) this.#store.set({ lastChange: { kind: "restored", origin: "this-tab" } });
      const mock = await findMock(service);
      if (client !== this.#client) return;
      this.#store.set({ mock });
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

  /** Signs in a known user with the device token (and the instance key). */
  login(deviceToken: string): Promise<void> {
    return this.#act("login", async () => {
      await this.#connection().login({ deviceToken });
      await this.#readBack();
      return "Signed in.";
    });
  }

  /** Forgets the session here and in other tabs. */
  signOut(): Promise<void> {
    return this.#act("session", async () => {
      await this.#connection().signOut();
    });
  }

  /** Puts a token on the clipboard. */
  copy(what: "Device token" | "Access token", token: string): Promise<void> {
    return this.#act("session", async () => {
      await navigator.clipboard.writeText(token).catch(() => {
        throw new Error("The browser does not let this page use the clipboard.");
      });
      return `${what} copied.`;
    });
  }

  /** Reads the user's record. */
  readProfile(): Promise<void> {
    return this.#act("calls", async () => {
      await this.#readBack();
      return "Profile read.";
    });
  }

  /** Renews the session although nothing asks for it. */
  refresh(): Promise<void> {
    return this.#act("calls", async () => {
      await this.#connection().refresh();
      return "A new access token and a new refresh token.";
    });
  }

  /** Makes ten calls in the same moment. */
  tenAtOnce(): Promise<void> {
    return this.#act("calls", async () => {
      const client = this.#connection();
      const start = performance.now();
      const results = await Promise.allSettled(Array.from({ length: atOnce }, () => client.profile()));
      const failed = results.filter((result) => result.status === "rejected");
      if (failed[0] !== undefined && failed.length === atOnce) throw failed[0].reason;
      const last = results.findLast((result) => result.status === "fulfilled");
      if (last !== undefined) this.#store.set({ user: last.value });
      return `${atOnce - failed.length} of ${atOnce} calls answered in ${Math.round(performance.now() - start)} ms.`;
    });
  }

  /** Changes one telematics parameter, then reads back what the service made of it. */
  async switch(name: Switch, value: boolean): Promise<void> {
    this.#store.setSwitching(name, value);
    await this.#act("telematics", async () => {
      await this.#connection().update({ userFields: { [name]: value } });
      if (name === "enabled" && !value) {
        this.#store.set({ user: null });
        return "The account is switched off. From now on the service refuses this user, until an admin switches it on again.";
      }
      await this.#readBack();
      return "Saved, and read back from the service.";
    });
    this.#store.setSwitching(name, undefined);
  }

  /** Makes the mock server expire a token, behind the client's back. */
  expire(which: Expirable): Promise<void> {
    return this.#act("mock", async () => {
      const { session, settings } = this.#store.state;
      if (session === null) throw new Error("Nobody is signed in. There is no token to expire.");
      await expireToken(settings.service, session.deviceToken, which);
      this.#recorder.note("mock", `The ${which} token is expired now`);
      return which === "access"
        ? "The service takes the access token for expired. The client does not know yet: the next call finds out."
        : "The service takes the refresh token for expired. The client finds out at its next refresh.";
    });
  }

  /** Empties the list of exchanges. */
  clearLog(): void {
    this.#recorder.clear();
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
    // What the mock did to the tokens is history now.
    this.#store.setNotice("mock", null);
    this.#recorder.note("session", `Session ${change.kind}${change.origin === "other-tab" ? " in another tab" : ""}`);
  }

  #connection(): UserServiceClient {
    if (this.#client === null) throw new Error("Not connected. Connect to a service first.");
    return this.#client;
  }

  async #act(place: Place, action: () => Promise<string | void>): Promise<void> {
    this.#store.setNotice(place, null);
    this.#store.setBusy(place, true);
    try {
      const done = await action();
      this.#store.setNotice(place, done === undefined ? null : { tone: "done", text: done });
    } catch (error) {
      this.#store.setNotice(place, { tone: "error", ...explain(error, place) });
    } finally {
      this.#store.setBusy(place, false);
    }
  }
}
