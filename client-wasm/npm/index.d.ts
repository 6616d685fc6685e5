/// <reference lib="esnext.disposable" />

/**
 * A client of the telematics user service: registers users, keeps them signed in, and calls the service for them.
 *
 * @packageDocumentation
 */

/** The options of a {@link UserServiceClient}. */
export interface ClientOptions {
  /** The address of the service or of the mock server, such as `https://user.telematicssdk.com`. */
  baseUrl: string;
  /** The user group (instance): a UUID. */
  instanceId: string;
  /** The secret of the whole user group: a UUID. For tests and trusted pages only: everyone who opens a page can read it. */
  instanceKey?: string;
  /**
   * Signs the user in again through your own back end when the session can no longer be refreshed. A client with this function
   * needs no `instanceKey`. To end the session, reject with an error whose `status` is 400, 401, 404, 419 or 422; after any other
   * rejection the session stays. For the renewal of a session it must return the same user. Do not await other calls of this client
   * inside the function: they wait for it.
   */
  reauthenticate?: (context: ReauthContext) => Promise<Credentials>;
  /** The storage of the tokens; `"local"` by default. */
  storage?: "local" | "session" | "memory" | TokenStorage;
  /** The key in the storage; derived from `baseUrl` and `instanceId` by default. */
  storageKey?: string;
  /** The origins to which {@link UserServiceClient.fetch} sends the access token; the origin of `baseUrl` by default. */
  apiOrigins?: string[];
  /** The time limit of one request, in milliseconds; 30 000 by default. */
  timeoutMs?: number;
  /**
   * How long before its expiry an access token is renewed, in seconds; 60 by default, and never more than a tenth of its
   * lifetime. With `0` it is renewed only after a 401.
   */
  refreshMarginSeconds?: number;
  /**
   * How many times a call that may be repeated (one that reads, or an update without a new password) is sent again after a network
   * error, 502, 503, 504, or
   * 429 with `Retry-After`; 2 by default.
   */
  maxRetries?: number;
  /** For the legacy transition: names the user by the header `DeviceToken` if no access token is available; `false` by default. */
  deviceTokenHeader?: boolean;
  /** Your own `fetch`, for tests and service workers; the global one by default. */
  fetch?: typeof globalThis.fetch;
  /** Where the WebAssembly is loaded from, if not from the file beside the package's JavaScript: see {@link setWasm}. */
  wasm?: WasmSource;
  /**
   * Renews an access token that is due when the user returns to the page and when the network returns; `false` by default. Never
   * sends a request if the access token is not due.
   */
  refreshOnFocus?: boolean;
  /** Receives every step of the client, for the search for an error. A step contains no token, key, body or query string. */
  debug?: (step: DebugStep) => void;
}

/**
 * The WebAssembly of the client: an address, the response of a request for it, its bytes, or the compiled module. The package exports
 * the file as `telematics-user-client/client.wasm`.
 */
export type WasmSource = URL | string | Response | BufferSource | WebAssembly.Module;

/** A step of a client. */
export interface DebugStep {
  /**
   * `lock-wanted`: this tab waits for its turn to refresh; `lock-acquired`: it has its turn; `lock-missed`: it refreshes without a turn,
   * because it has waited too long or the browser has no locks; `lock-released`: its turn has ended.
   *
   * `request-sent`, `response-received`, `request-failed`: a request to the service, or one of {@link UserServiceClient.fetch}.
   * `session-changed`: the client uses another session. `warning`: see {@link UserServiceClient.onWarning}.
   */
  readonly step:
    | "lock-wanted"
    | "lock-acquired"
    | "lock-missed"
    | "lock-released"
    | "request-sent"
    | "response-received"
    | "request-failed"
    | "session-changed"
    | "warning";
  /** The time in milliseconds since the page was opened: `performance.now()`. */
  readonly at: number;
  /** The method of the request. */
  readonly method?: string;
  /** The path of the request, without its query; an invite code is replaced by `…`. */
  readonly path?: string;
  /** The HTTP status of the response. */
  readonly status?: number;
  /** The kind of the change of the session. */
  readonly kind?: SessionChangeKind;
  /** The tab that changed the session. */
  readonly origin?: "this-tab" | "other-tab";
  /** The kind of the warning. */
  readonly code?: ErrorCode;
  /** The warning as one sentence. */
  readonly message?: string;
}

/** The argument of {@link ClientOptions.reauthenticate}. */
export interface ReauthContext {
  /** The device token of the user; `null` for an admin, who has none, and in a sign-in. */
  readonly deviceToken: string | null;
  /**
   * `"expired"`: there is no refresh token; `"rejected"`: the refresh token was rejected; `"no-token"`: there are no tokens;
   * `"signed-out"`: {@link UserServiceClient.signIn} was called.
   */
  readonly reason: "expired" | "rejected" | "no-token" | "signed-out";
  /** Aborts when the credentials are no longer needed, for example after a sign-out. */
  readonly signal: AbortSignal;
}

/** The tokens that a back end received from the service for a user. */
export interface Credentials {
  /** The permanent id of the user. */
  deviceToken: string;
  /** The JWT. */
  accessToken: string;
  /** Its lifetime in seconds. */
  expiresIn: number;
  /** Renews the access token; without it `reauthenticate` is called again when the access token expires. */
  refreshToken?: string;
}

/** Your own storage; each method may return a value or a promise. */
export interface TokenStorage {
  /** Returns the value of the key, or `null` if there is none. */
  load(key: string): string | null | Promise<string | null>;
  /** Stores the value of the key. */
  save(key: string, value: string): void | Promise<void>;
  /** Removes the key; does nothing if it is absent. */
  remove(key: string): void | Promise<void>;
}

/** The query of {@link UserServiceClient.userExists}: at least one of these fields. */
export interface UserQuery {
  /** E-mail address. */
  email?: string;
  /** Phone number. */
  phone?: string;
  /** The user's id in your own system. */
  clientId?: string;
}

/** Whether a user is registered, and that user's public data. */
export interface UserExists {
  /** Whether a user matches the query. */
  userExists: boolean;
  /** That user's given name. */
  firstName: string | null;
  /** That user's family name. */
  lastName: string | null;
  /** That user's nickname. */
  nickname: string | null;
  /** The address of that user's picture. */
  imageUrl: string | null;
}

/** The options of the functions that keep no session. */
export interface ServiceOptions {
  /** The address of the service or of the mock server. */
  baseUrl: string;
  /** The user group (instance): a UUID. */
  instanceId: string;
  /** The secret of the whole user group: a UUID. */
  instanceKey?: string;
  /** Your own `fetch`; the global one by default. */
  fetch?: typeof globalThis.fetch;
  /** The time limit of the request, in milliseconds; 30 000 by default. */
  timeoutMs?: number;
  /** Where the WebAssembly is loaded from: see {@link setWasm}. */
  wasm?: WasmSource;
}

/** The options of one call. */
export interface CallOptions {
  /** Aborts this call, but no refresh that other calls wait for. */
  signal?: AbortSignal;
  /**
   * The time limit of each request of this call, in milliseconds; the client's `timeoutMs` by default. A renewal of the tokens,
   * which several calls can share, always uses the client's own `timeoutMs`.
   */
  timeoutMs?: number;
}

/** The three credentials of a user. */
export interface Session {
  /** The permanent id of the user, with which an app starts the telematics SDK; empty for an admin. */
  readonly deviceToken: string;
  /** The JWT that calls the API; `null` after a registration with `createAccessToken: false`. */
  readonly accessToken: string | null;
  /** When the access token expires, by the clock of this computer; `null` without an access token. */
  readonly expiresAt: Date | null;
  /** Renews the tokens; changes with every login and every refresh. */
  readonly refreshToken: string | null;
}

/** The kind of a change of the session. */
export type SessionChangeKind =
  /** A new user was registered and is signed in. */
  | "registered"
  /** A user logged in. */
  | "signed-in"
  /** A refresh returned the next pair of tokens. */
  | "refreshed"
  /** A stored session was restored. */
  | "restored"
  /** The refresh token was dead, and the client signed the user in again. */
  | "reauthenticated"
  /** The user signed out. */
  | "signed-out"
  /** The session could be neither refreshed nor replaced. */
  | "expired";

/** A change of the session. */
export interface SessionChange {
  /** The kind of the change. */
  readonly kind: SessionChangeKind;
  /** The session after the change; `null` if no user is signed in. */
  readonly session: Session | null;
  /** The tab that made the change. */
  readonly origin: "this-tab" | "other-tab";
}

/** A failure that made no call fail. */
export interface Warning {
  /** The kind of the failure. */
  readonly code: ErrorCode;
  /** One sentence for people. */
  readonly message: string;
}

/** The credentials of a login. */
export type LoginCredentials =
  /** By device token; the client needs an `instanceKey`. */
  | { deviceToken: string }
  /** By e-mail address, on instances with the UBI product. */
  | { email: string; password: string }
  /** By phone number, on instances with the UBI product. */
  | { phone: string; password: string };

/** Gender. */
export type Gender = "None" | "Male" | "Female" | "Other";

/** The telematics parameters in a request. */
export interface TelematicsFields {
  /** Whether the SDK tracks motion; `true` by default. */
  enableTracking?: boolean;
  /** Debug mode, which uses more battery; `false` by default. */
  enableLogging?: boolean;
  /** Online location monitoring; `false` by default. */
  enableRealTimeLocation?: boolean;
  /** The main switch of the account; `true` by default. */
  enabled?: boolean;
  /** The user's id in your own system. */
  clientId?: string;
}

/** The profile of a user in a request. In an update, an absent field keeps its value. */
export interface WritableProfile {
  /** Given name. */
  firstName?: string;
  /** Family name. */
  lastName?: string;
  /** Nickname. */
  nickname?: string;
  /** Phone number; on a UBI instance the user can log in with it. */
  phone?: string;
  /** E-mail address; on a UBI instance the user can log in with it. */
  email?: string;
  /** Gender; `"None"` by default. */
  gender?: Gender;
  /** Date of birth: `yyyy-MM-dd`, or ISO 8601 with time. */
  birthday?: string;
  /** Free text; the service reads `"1"` to `"4"` as married, widowed, divorced, single. */
  maritalStatus?: string;
  /** Number of children: 0 or more. */
  childrenCount?: number;
  /** Country. */
  country?: string;
  /** District. */
  district?: string;
  /** City. */
  city?: string;
  /** Street and number. */
  address?: string;
  /** The address of the picture. */
  imageUrl?: string;
}

/** A user to register. */
export interface NewUser extends WritableProfile {
  /** Whether the registration returns tokens; `true` by default. */
  createAccessToken?: boolean;
  /** The invite code of the instance; with it the client needs no `instanceKey`. */
  instanceInviteCode?: string;
  /** The telematics parameters. */
  userFields?: TelematicsFields;
  /** A UUID of your choice for the device token. */
  customToken?: string;
  /** The password on a UBI instance; by default the service generates one and sends it by SMS or e-mail. */
  password?: string;
}

/** Many users to register with equal data. */
export interface NewUsers {
  /** The number of users: 1 to 10 000. */
  quantity: number;
  /** Whether the registration returns tokens; `true` by default. */
  createAccessToken?: boolean;
  /** The telematics parameters of each user. */
  customFields?: TelematicsFields;
}

/** Changes to the record of a user. An absent field keeps its value. */
export interface UserChanges extends WritableProfile {
  /** The address of a picture on another server. */
  externalImageUrl?: string;
  /** The new state; the record then shows `"Deactivated"` as `"Inactive"`. */
  status?: "Active" | "Deactivated" | "Deleted";
  /** The current password, which a new one requires. */
  oldPassword?: string;
  /** The new password. */
  newPassword?: string;
  /** The user's id at an identity provider. */
  identityId?: string;
  /** The identity provider. */
  identityProvider?: string;
  /** The telematics parameters to change. */
  userFields?: TelematicsFields;
}

/** The record of a user. */
export interface User {
  /** The permanent id. */
  deviceToken: string;
  /** When the user was registered: ISO 8601 without a zone, UTC. */
  dateCreated: string;
  /** The state; `"Unknown"` stands for a state of a later version of the service. */
  status: "Active" | "Inactive" | "Deleted" | "Unknown";
  /** How active the user's device is, such as `"No Data"`. */
  activityStatus: string;
  /** The profile of the user. */
  userProfile: UserProfile;
  /** The user's phone. */
  mobileDevice: MobileDevice;
  /** The company, the application and the instance of the user. */
  accountInfo: AccountInfo;
  /** Wallets, whose fields are not documented. */
  userWallets: Record<string, unknown>[];
  /** The user's id at an identity provider. */
  identityId: string | null;
  /** The identity provider. */
  identityProvider: string | null;
  /** The telematics parameters. */
  userFields: TelematicsState;
}

/** The profile of a user in a record. */
export interface UserProfile {
  /** Given name. */
  firstName: string | null;
  /** Family name. */
  lastName: string | null;
  /** Gender, usually one of {@link Gender}. */
  gender: string | null;
  /** Date of birth: ISO 8601 without a zone, UTC. */
  birthday: string | null;
  /** Free text, or `"1"` to `"4"`. */
  maritalStatus: string | null;
  /** Number of children. */
  childrenCount: number | null;
  /** Street and number. */
  address: string | null;
  /** Country. */
  country: string | null;
  /** District. */
  district: string | null;
  /** City. */
  city: string | null;
  /** Nickname. */
  nickname: string | null;
  /** E-mail address. */
  email: string | null;
  /** Phone number. */
  phone: string | null;
  /** The address of the picture. */
  imageUrl: string | null;
  /** The address of a picture on another server. */
  externalImageUrl: string | null;
}

/** The phone of the user, as the SDK reports it. */
export interface MobileDevice {
  /** The id of the phone. */
  mobileUid: string | null;
  /** The model of the phone. */
  deviceModel: string | null;
  /** Operating system. */
  osType: string | null;
  /** The version of the operating system. */
  osVersion: string | null;
  /** The version of the telematics SDK. */
  sdkVersion: string | null;
  /** The version of the app. */
  appVersion: string | null;
  /** Fifteen digits, all zero until the phone has reported. */
  virtualImei: string;
}

/** The company, the application and the instance of a user. */
export interface AccountInfo {
  /** The id of the company. */
  companyId: string | null;
  /** The name of the company. */
  companyName: string | null;
  /** The id of the application. */
  applicationId: string | null;
  /** The name of the application. */
  applicationName: string | null;
  /** The id of the user group (instance). */
  instanceId: string | null;
  /** The name of the user group. */
  instanceName: string | null;
}

/** The telematics parameters in a record. */
export interface TelematicsState {
  /** The user's id in your own system. */
  clientId: string | null;
  /** Debug mode. */
  enableLogging: boolean;
  /** Online location monitoring. */
  enableRealTimeLocation: boolean;
  /** Whether the SDK tracks motion. */
  enableTracking: boolean;
  /** The main switch of the account. */
  enabled: boolean;
}

/** The kind of an error. */
export type ErrorCode =
  /** No response arrived. */
  | "network"
  /** No response arrived within the time limit. */
  | "timeout"
  /** The caller aborted the call, or another user signed in meanwhile. */
  | "aborted"
  /** The service received too many calls; `retryAfterSeconds` is the time to wait, if the service sent it. */
  | "rate-limited"
  /** The service rejected the credentials, or two access tokens in a row. */
  | "unauthorized"
  /** The session could be neither refreshed nor replaced: the user has to sign in again. */
  | "session-expired"
  /** The service knows the user and does not allow the call, for example because the user is deactivated. */
  | "forbidden"
  /** The user, instance or record of the call does not exist. */
  | "not-found"
  /** The service rejected the content of the request; `fields` lists the invalid fields. */
  | "validation"
  /** The service failed. */
  | "service"
  /** The response could not be understood. */
  | "decode"
  /** The storage cannot be used. */
  | "storage"
  /** The call needs a signed-in user. */
  | "not-signed-in"
  /** An argument or an option is not valid; the message contains its name. */
  | "invalid-argument"
  /** The client was disposed. */
  | "disposed";

/** An invalid field. */
export interface FieldProblem {
  /** The path of the field with the names of the service, such as `UserFields.Enabled`. */
  readonly key: string;
  /** The problem, as one sentence. */
  readonly message: string;
}

/** The error that every call rejects with. It never contains a token, a key or a password. */
export class UserServiceError extends Error {
  private constructor();
  /** The kind of the error: decide by this, not by the message. */
  readonly code: ErrorCode;
  /** The HTTP status, if the service answered. */
  readonly status?: number;
  /** The service's description of the error, in one sentence. */
  readonly title?: string;
  /** The invalid fields that the service reported. */
  readonly fields?: readonly FieldProblem[];
  /** How long to wait before the next attempt, in seconds, if the service sent it. */
  readonly retryAfterSeconds?: number;
  /** The cause: an exception of the browser, the reason of an abort, or the response that `fetch` received. */
  readonly cause?: unknown;
}

/** Keeps one user signed in and calls the service for that user. */
export class UserServiceClient {
  private constructor();
  /** Loads the WebAssembly once, restores the stored session if there is one, and resolves to the client. */
  static create(options: ClientOptions): Promise<UserServiceClient>;
  /** Registers a new user and signs that user in. Two calls register two users. */
  register(user?: NewUser, options?: CallOptions): Promise<Session>;
  /** Registers many users with equal data; the session of this client stays as it is. */
  registerMany(batch: NewUsers, options?: CallOptions): Promise<Session[]>;
  /** Logs a user in. */
  login(credentials: LoginCredentials, options?: CallOptions): Promise<Session>;
  /**
   * Signs in through {@link ClientOptions.reauthenticate}, for a page without a session and without the `instanceKey`: your back end
   * knows the user, and registers one if necessary. `options.timeoutMs` does not apply.
   */
  signIn(options?: CallOptions): Promise<Session>;
  /**
   * Exchanges the tokens for the next pair now, or waits for the pending refresh. All callers share it, so it uses the client's own
   * `timeoutMs`, and `options.timeoutMs` does not apply.
   */
  refresh(options?: CallOptions): Promise<Session>;
  /** Reads the record of the signed-in user. */
  profile(options?: CallOptions): Promise<User>;
  /** Changes the record of the signed-in user. */
  update(changes: UserChanges, options?: CallOptions): Promise<void>;
  /** Adds the signed-in user to the instance with this invite code; resolves to the name of the instance. */
  joinInstance(inviteCode: string, options?: CallOptions): Promise<{ instanceName: string }>;
  /** Asks whether a user is registered; needs no signed-in user. */
  userExists(query: UserQuery, options?: CallOptions): Promise<UserExists>;
  /** Uploads the picture of the signed-in user; resolves to its address. */
  uploadImage(picture: Blob, options?: CallOptions): Promise<string>;
  /**
   * Makes your own API calls: `fetch` with the access token, which is renewed before it expires and after a 401 (or 419). Rejects
   * with `invalid-argument` for an origin that is not in `apiOrigins`, and with `unauthorized` after a second 401, whose response is
   * the `cause`. A `ReadableStream` as `body` is sent once, and its 401 is returned. The options `timeoutMs` and `maxRetries` do not
   * apply. It can be handed on as a function, for example to axios or ky.
   */
  readonly fetch: (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;
  /**
   * Resolves to an access token that is not due, for a WebSocket or another library; `null` if no user is signed in. An access token
   * that is due is renewed first; all callers share one renewal. It can be handed on as a function.
   */
  readonly getAccessToken: (options?: CallOptions) => Promise<string | null>;
  /** The session, or `null` if no user is signed in; the same object until it changes. */
  readonly session: Session | null;
  /**
   * Calls the listener after every change of the session; returns a function that unsubscribes it. It can be handed on as a function,
   * for example to `useSyncExternalStore`.
   */
  readonly onSessionChange: (listener: (change: SessionChange) => void) => () => void;
  /**
   * Calls the listener for every warning, and first for those that came while no listener was registered, at most the last ten;
   * returns a function that unsubscribes it. It can be handed on as a function.
   */
  readonly onWarning: (listener: (warning: Warning) => void) => () => void;
  /** Forgets the tokens in this tab, in the storage and in other tabs. A pending refresh cannot bring them back. */
  signOut(): Promise<void>;
  /** Ends this client: pending and later calls reject with `disposed`. The stored session stays. */
  dispose(): void;
  /** The same as {@link UserServiceClient.dispose}, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Sets where the WebAssembly is loaded from, for bundlers that do not copy it, for a CDN, or for a platform that compiles it in advance. A
 * function is called when the module is needed. Has an effect until the first client is created.
 */
export function setWasm(source: WasmSource | (() => WasmSource | Promise<WasmSource>)): void;

/** Registers a new user and keeps nothing. */
export function register(service: ServiceOptions, user?: NewUser, options?: CallOptions): Promise<Session>;

/** Exchanges a pair of tokens for the next one and keeps nothing. */
export function refresh(
  service: ServiceOptions,
  tokens: { accessToken: string; refreshToken: string },
  options?: CallOptions,
): Promise<Session>;

/** Changes the record of the user of the access token and keeps nothing. */
export function update(
  service: ServiceOptions,
  accessToken: string,
  changes: UserChanges,
  options?: CallOptions,
): Promise<void>;
