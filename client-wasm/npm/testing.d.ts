/// <reference lib="esnext.disposable" />

/**
 * The mock server in a test: starts it, moves its clock, lets things go wrong, and asks what was asked. For Node.
 *
 * @packageDocumentation
 */

/** How the server is to be started. */
export interface MockServerOptions {
  /** The program; `TELEMATICS_MOCK_BIN` unless given, and without that `telematics-mock` on `PATH`. */
  binary?: string | URL;
  /** More of its options, such as `["--rotation", "grace=10s"]`. */
  args?: readonly string[];
  /** Makes tokens and passwords repeatable; random unless given. */
  seed?: number | bigint;
  /** Starts with the clock frozen at that time (ISO 8601 where it is text); real time unless given. */
  clock?: string | Date;
  /** More of its environment; a control token belongs here, as `TELEMATICS_MOCK_CONTROL_TOKEN`. */
  env?: Readonly<Record<string, string | undefined>>;
}

/** How a server that runs already is reached. */
export interface ConnectOptions {
  /** What the server was started with as `--control-token`, if it was. */
  controlToken?: string;
}

/**
 * Starts a server on a free port of this machine and resolves once it is ready. It ends with this process at the latest, and
 * does not keep it alive. Rejects with a {@link MockServerError} that says what to do.
 */
export function startMockServer(options?: MockServerOptions): Promise<MockServer>;

/** Controls a server that runs already, in a worker of a test runner for example; nothing is asked until a verb is used. */
export function connectMockServer(url: string | URL, options?: ConnectOptions): MockServerConnection;

/** The one error that everything here rejects with. It holds no token, no key and no password. */
export class MockServerError extends Error {
  private constructor();
  /** The HTTP status, where the server answered. */
  readonly status?: number;
  /** What of the request the server does not accept, such as `match.deviceToken`. */
  readonly field?: string;
}

/** What an app needs to use an instance. */
export interface Instance {
  /** A UUID. */
  readonly instanceId: string;
  /** The secret of the whole instance: a UUID. */
  readonly instanceKey: string;
  /** Registers into the instance without its key. */
  readonly inviteCode: string;
}

/** An instance that was made for a test. */
export interface InstanceDetails extends Instance {
  /** Its name. */
  readonly name: string;
  /** Its application. */
  readonly applicationId: string;
  /** Its company. */
  readonly companyId: string;
}

/** The login of someone who manages users. */
export interface Admin {
  /** The e-mail address. */
  readonly email: string;
  /** The password. */
  readonly password: string;
}

/** What a server says about itself when it is ready. */
export interface Ready {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** The instance Demo, which every fresh server has. */
  readonly instance: Instance;
  /** The instance Demo UBI, which every fresh server has: its users sign in with e-mail or phone and password. */
  readonly ubiInstance: Instance;
  /** The admin who sees both. */
  readonly admin: Admin;
}

/** What an instance is to be like. */
export interface NewInstance {
  /** Its name; made up unless given. */
  name?: string;
  /** With `"UBI"` its users sign in with e-mail or phone and password. */
  products?: readonly "UBI"[];
  /** What is set differently than on the server. */
  settings?: SettingsChange;
}

/** A server that runs already. Its verbs mean the server as a whole. */
export interface MockServerConnection extends Controls {
  /** A fresh instance: a world of its own, for a test file that shares the server with others. */
  createInstance(wanted?: NewInstance): Promise<MockInstance>;
}

/** A server that was started here. Its verbs mean the server as a whole. */
export interface MockServer extends MockServerConnection, Ready, AsyncDisposable {
  readonly url: string;
  /**
   * Ends the server and resolves when it is gone, after the requests that are under way. Rejects where it ended badly, also
   * if that was before.
   */
  stop(): Promise<void>;
}

/** An instance of a test's own. Its verbs mean this instance and touch no other one. */
export interface MockInstance extends Controls {
  /** The instance. */
  readonly instance: InstanceDetails;
  /** The admin who sees only it. */
  readonly admin: Admin;
}

/** What controls a server, or one instance of it. */
export interface Controls {
  /** The address of the server, without a slash at the end. */
  readonly url: string;
  /** The virtual clock that expiry, rotation, lockout and time stamps obey. */
  readonly clock: Clock;
  /** What goes wrong on purpose. */
  readonly faults: Faults;
  /** What holds requests and lets them go together. */
  readonly barriers: Barriers;

  /** Lets tokens of a user expire now. */
  expire(deviceToken: string, which: Which): Promise<void>;
  /** The refresh tokens of a user as a tree. */
  tokens(deviceToken: string): Promise<TokenTree>;

  /** What was asked and answered, the oldest first, without its secrets. */
  requests(filter?: RequestFilter): Promise<JournalEntry[]>;
  /** Forgets what was asked. */
  clearRequests(): Promise<void>;
  /** Checks how often something was asked, and resolves to that; rejects with an error that names the nearest misses. */
  verify(match: RequestMatch, expectation: Expectation): Promise<number>;
  /** What happens from now on, for `for await`. */
  events(): EventStream;

  /** The SMS and e-mails that users were sent, the newest first. */
  outbox(filter?: OutboxFilter): Promise<Message[]>;
  /** Forgets what users were sent. */
  clearOutbox(): Promise<void>;

  /** What is set. */
  settings(): Promise<Settings>;
  /** Sets something differently, and resolves to all that is set. */
  configure(changes: SettingsChange): Promise<Settings>;

  /** The whole state: users, tokens, clock, settings, messages. It is JSON, and holds every secret of the server. */
  snapshot(): Promise<string>;
  /** Puts a state in the place of the one there is; that of an instance only goes into a server with the same seed. */
  restore(snapshot: string): Promise<void>;
  /** Back to the start: no users, no messages, no faults, nothing in the journal, the clock as it was. */
  reset(): Promise<void>;
}

/** The virtual clock of a server or of an instance. */
export interface Clock {
  /** Moves it forward by a length of time: `"15m"`, `"5d"`, `"P1DT2H"`. */
  advance(period: string): Promise<ClockReading>;
  /** Makes it show a time (ISO 8601 where it is text), from which it runs on unless it is frozen. */
  set(time: string | Date): Promise<ClockReading>;
  /** Stops it at what it shows. */
  freeze(): Promise<ClockReading>;
  /** Back to what it showed at the start. */
  reset(): Promise<ClockReading>;
  /** What it shows. */
  now(): Promise<Date>;
  /** What it shows, and whether it stands still. */
  read(): Promise<ClockReading>;
}

/** What a clock shows, and what became of the tokens by a change of it. */
export interface ClockReading {
  /** The time. */
  readonly now: Date;
  /** Whether it stands still. */
  readonly frozen: boolean;
  /** How many tokens were alive before the change and are not any more. */
  readonly expired: {
    /** Access tokens: the current one of each user. */
    readonly accessTokens: number;
    /** Refresh tokens. */
    readonly refreshTokens: number;
  };
}

/** Which tokens of a user: every access token given out so far, the refresh token, or both. */
export type Which = "access" | "refresh" | "all";

/** Which requests are meant, before they are answered; what is not given does not matter. */
export interface RequestTarget {
  /** The method, in any letter case. */
  method?: string;
  /** The path as the contract spells it, in any letter case; `*` stands for anything. */
  path?: string;
  /** The user. */
  deviceToken?: string;
}

/** Which requests are meant; what is not given does not matter. */
export interface RequestMatch extends RequestTarget {
  /** The status that was answered. */
  status?: number;
}

/** Which entries of the journal are meant. */
export interface RequestFilter extends RequestMatch {
  /** Only those after the one with this number. */
  since?: number;
  /** Only the last so many. */
  limit?: number;
}

/** How often something is to have been asked. */
export type Expectation =
  /** Neither more nor less often. */
  | { exactly: number; atLeast?: never; atMost?: never }
  /** That often, or more. */
  | { atLeast: number; exactly?: never; atMost?: never }
  /** That often, or less. */
  | { atMost: number; exactly?: never; atLeast?: never };

/** Anything that can be written as JSON. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** A request and its answer. */
export interface JournalEntry {
  /** Its number; numbers grow. */
  readonly number: number;
  /** When it was answered, by the clock of its instance: ISO 8601. */
  readonly at: string;
  /** Whose it is; `null` where it belongs to no instance. */
  readonly instanceId: string | null;
  /** The method. */
  readonly method: string;
  /** The path, spelled as the contract spells it where it is one of the contract's. */
  readonly path: string;
  /** The query; empty where there is none. */
  readonly query: string;
  /** The status; `null` where the connection was closed without an answer. */
  readonly status: number | null;
  /** The user. */
  readonly deviceToken: string | null;
  /** The body of the request, without its secrets; `{ bytes }` where it is large or no JSON. */
  readonly request: JsonValue;
  /** The body of the answer, likewise. */
  readonly response: JsonValue;
  /** The fault that made it go wrong. */
  readonly fault: number | null;
  /** What the integrator did wrong. */
  readonly hint: string | null;
}

/** The refresh tokens of a user. */
export interface TokenTree {
  /** The user. */
  readonly deviceToken: string;
  /** The user's instance. */
  readonly instanceId: string;
  /** Those that are remembered, the oldest first; the last one is the current one. */
  readonly generations: readonly TokenGeneration[];
}

/** The place of a refresh token. */
export interface TokenPlace {
  /** Counts the user's registrations and logins, from 1. */
  readonly family: number;
  /** Counts the refreshes since then, from 1. */
  readonly generation: number;
}

/** A refresh token. */
export interface TokenGeneration extends TokenPlace {
  /** The one it was bought with; `null` where a registration or a login gave it out. */
  readonly parent: TokenPlace | null;
  /**
   * What it is worth: `"used"` for a newer one, `"superseded"` by a login, `"revoked"` because a used one came back,
   * `"expired"`, or still `"live"`.
   */
  readonly state: "live" | "used" | "superseded" | "revoked" | "expired";
  /** When it died: ISO 8601. */
  readonly endedAt: string | null;
  /** By which request of the journal; `null` where it lives, or died of something else. */
  readonly endedByRequest: number | null;
  /** When it expires by itself: ISO 8601; known of the current one. */
  readonly expiresAt: string | null;
}

/** What goes wrong on purpose. */
export interface Faults {
  /** Lets something go wrong, and resolves to the id of the fault. */
  add(fault: NewFault): Promise<number>;
  /** The faults there are, also those that do not fire any more. */
  list(): Promise<Fault[]>;
  /** Removes a fault. */
  remove(id: number): Promise<void>;
  /** Removes all of them. */
  clear(): Promise<void>;
}

/** Something that is to go wrong. */
export interface NewFault {
  /** For which requests; for all unless given. */
  match?: RequestTarget;
  /** How often; for ever unless given. */
  times?: number;
  /** How likely, from 0 to 1, drawn from the seed; 1 unless given. */
  probability?: number;
  /** What happens then. */
  then: FaultEffect;
}

/** What goes wrong. */
export interface FaultEffect {
  /** This status is answered, and the call does not happen. */
  status?: number;
  /** With this body; under 200 where no `status` is given. */
  body?: JsonValue;
  /** With these headers, whether the call happens or not. */
  headers?: Readonly<Record<string, string>>;
  /** The answer waits that long, in milliseconds. */
  delayMs?: number;
  /** And up to that long on top, in milliseconds, drawn from the seed. */
  jitterMs?: number;
  /** The connection is reset, and the call does not happen. */
  reset?: boolean;
  /** The connection breaks after that many bytes of the body. */
  truncateBody?: number;
  /** The body takes that long, in milliseconds. */
  dribbleMs?: number;
  /** The call happens, and the connection is closed without an answer: a lost refresh. */
  commitThenDrop?: boolean;
}

/** A fault. */
export interface Fault {
  /** Its id. */
  readonly id: number;
  /** Whose requests it is about; `null` for everybody's. */
  readonly instanceId: string | null;
  /** How often it still fires, which may be 0; `null` for ever. */
  readonly times: number | null;
  /** How likely it fires. */
  readonly probability: number;
  /** How often it has fired. */
  readonly fired: number;
}

/** What holds requests and lets them go together, so that a race happens on purpose. */
export interface Barriers {
  /** Holds requests from now on, and resolves to the id of the barrier. It lets go once and is gone then. */
  add(barrier: NewBarrier): Promise<number>;
  /** The barriers that hold. */
  list(): Promise<Barrier[]>;
  /** Removes a barrier, which lets go what it holds. */
  remove(id: number): Promise<void>;
  /** Removes all of them. */
  clear(): Promise<void>;
}

/** Something that is to hold requests. */
export interface NewBarrier {
  /** Which requests; all unless given. */
  match?: RequestTarget;
  /** How many it waits for. */
  parties: number;
  /** How long it holds one, in milliseconds; 10 000 unless given. */
  timeoutMs?: number;
}

/** A barrier that holds. */
export interface Barrier {
  /** Its id. */
  readonly id: number;
  /** How many it waits for. */
  readonly parties: number;
  /** How many it holds. */
  readonly waiting: number;
  /** How long it holds one, in milliseconds. */
  readonly timeoutMs: number;
}

/** Which messages are meant. */
export interface OutboxFilter {
  /** Only those to this phone number or e-mail address, in any letter case. */
  to?: string;
}

/** An SMS or an e-mail that a user was sent. */
export interface Message {
  /** The phone number or the e-mail address. */
  readonly to: string;
  /** How it was sent. */
  readonly channel: "sms" | "email";
  /** What the user reads. */
  readonly text: string;
  /** The password in it. */
  readonly password: string;
  /** When it was sent, by the clock of its instance: ISO 8601. */
  readonly at: string;
}

/** What becomes of a refresh token that was used. */
export type Rotation =
  /** It is refused, and the one it bought is revoked. */
  | "strict"
  /** As `"strict"`, but for some seconds it gives the same pair once more. */
  | "grace"
  /** It is refused, and nothing is revoked. */
  | "reuse"
  /** Nothing: a refresh does not change it. */
  | "off";

/** What is set. */
export interface Settings {
  /** How long an access token from a registration lives, in seconds. */
  readonly registrationTokenSeconds: number;
  /** How long an access token from a login or a refresh lives, in seconds. */
  readonly loginTokenSeconds: number;
  /** How long a refresh token lives, in seconds. */
  readonly refreshTokenSeconds: number;
  /** How long an access token is taken after it expired, in seconds. */
  readonly clockSkewSeconds: number;
  /** What becomes of a used refresh token. */
  readonly rotation: Rotation;
  /** How long a used refresh token gives the same pair once more, in seconds; with the rotation `"grace"`. */
  readonly graceSeconds: number;
  /** Whether too many logins lock their address out. */
  readonly loginLockout: boolean;
  /** What a dead refresh token is answered with. */
  readonly refreshRejectedStatus: 400 | 401;
  /** From when on a device token in the headers is no authentication any more: ISO 8601; `null` for never. */
  readonly deviceTokenSunset: string | null;
}

/** What is to be set differently; what is not given stays. `graceSeconds` goes with `rotation: "grace"`. */
export type SettingsChange = { -readonly [Name in keyof Settings]?: Settings[Name] };

/** What happens, as it happens. */
export interface EventStream extends AsyncIterableIterator<MockEvent>, AsyncDisposable {
  /** Resolves once the server tells: whatever happens after that is heard. */
  readonly opened: Promise<void>;
  next(): Promise<IteratorResult<MockEvent, undefined>>;
  /** Ends it, as `break` does and as the end of the server does. */
  return(): Promise<IteratorReturnResult<undefined>>;
  [Symbol.asyncIterator](): this;
}

/** Something that happened. It carries no secret. */
export type MockEvent =
  /** A request was answered. */
  | { readonly type: "request"; readonly data: RequestEvent }
  /** Tokens were given out, or expired on request. */
  | { readonly type: "token"; readonly data: TokenEvent }
  /** A user was sent an SMS or an e-mail. */
  | { readonly type: "message"; readonly data: { readonly to: string } }
  /** A clock was changed. */
  | { readonly type: "clock"; readonly data: { readonly now: string; readonly frozen: boolean } }
  /** A fault fired. */
  | { readonly type: "fault"; readonly data: FaultEvent }
  /** An answer said "no", and this is why. */
  | { readonly type: "hint"; readonly data: { readonly request: number; readonly hint: string } }
  /** So many events came faster than they were read, and are lost. */
  | { readonly type: "missed"; readonly data: { readonly count: number } };

/** A request that was answered. */
export type RequestEvent = Pick<JournalEntry, "number" | "method" | "path" | "status" | "fault" | "deviceToken">;

/** Tokens that were given out by a call, or expired on request. */
export type TokenEvent =
  | { readonly request: number; readonly call: string; readonly deviceToken: string | null; readonly expired?: never }
  | { readonly expired: string; readonly request?: never; readonly call?: never; readonly deviceToken?: never };

/** A fault that fired. */
export interface FaultEvent {
  /** The number of the request. */
  readonly request: number;
  /** The id of the fault. */
  readonly fault: number;
  /** The method. */
  readonly method: string;
  /** The path. */
  readonly path: string;
}
