/// <reference lib="esnext.disposable" />

/**
 * A client of the telematics user service: registers users, keeps them signed in, and calls the service for them.
 *
 * @packageDocumentation
 */

/** Where the service is and how a {@link UserServiceClient} treats it. */
export interface ClientOptions {
  /** Address of the service or of the mock server, such as `https://user.telematicssdk.com`. */
  baseUrl: string;
  /** The user group (instance): a UUID. */
  instanceId: string;
  /** The secret of that whole user group: a UUID. For tests and trusted pages only, because a page can be read by anyone. */
  instanceKey?: string;
  /**
   * Signs the user in again through your own back end, when the session can no longer be refreshed: a client that has this
   * needs no `instanceKey`. Reject with an error whose `status` is 400, 401, 404 or 422 to say that the user has to sign in;
   * with any other rejection the session stays. Do not wait for other calls of this client in it: they wait for it.
   */
  reauthenticate?: (context: ReauthContext) => Promise<Credentials>;
  /** Where the tokens are kept together; `"local"` unless given. */
  storage?: "local" | "session" | "memory" | TokenStorage;
  /** The key in that storage; derived from `baseUrl` and `instanceId` unless given. */
  storageKey?: string;
  /** The origins {@link UserServiceClient.fetch} may send the access token to; the origin of `baseUrl` unless given. */
  apiOrigins?: string[];
  /** How long one request may take, in milliseconds; 30 000 unless given. */
  timeoutMs?: number;
  /**
   * How long before its expiry an access token is renewed, in seconds; 60 unless given, and never more than a tenth of
   * its lifetime. With `0` only an answer 401 renews it.
   */
  refreshMarginSeconds?: number;
  /**
   * How often a call that may be repeated (reading, changing) is sent again after a network error, 502, 503, 504, or 429 with
   * `Retry-After`; 2 unless given.
   */
  maxRetries?: number;
  /** Legacy transition: names the user by the header `DeviceToken` where no access token can be had; `false` unless given. */
  deviceTokenHeader?: boolean;
  /** Your own `fetch`, for tests and service workers; the global one unless given. */
  fetch?: typeof globalThis.fetch;
}

/** Why {@link ClientOptions.reauthenticate} is called, and for whom. */
export interface ReauthContext {
  /** The user; `null` for an admin, who has no device token. */
  readonly deviceToken: string | null;
  /** The access token has expired and there is no refresh token; the refresh token was rejected; there are no tokens at all. */
  readonly reason: "expired" | "rejected" | "no-token";
  /** Aborts when the credentials are not needed any more: after a sign-out, for example. */
  readonly signal: AbortSignal;
}

/** What a back end got from the service for a user. */
export interface Credentials {
  /** The permanent id of the user. */
  deviceToken: string;
  /** The JWT. */
  accessToken: string;
  /** Its lifetime in seconds. */
  expiresIn: number;
  /** Buys the next pair; without it `reauthenticate` is asked again when the access token expires. */
  refreshToken?: string;
}

/** Your own storage; each method may answer at once or later. */
export interface TokenStorage {
  /** Reads what was saved under that key; `null` when nothing was. */
  load(key: string): string | null | Promise<string | null>;
  /** Keeps that value under that key. */
  save(key: string, value: string): void | Promise<void>;
  /** Forgets what was saved under that key; that nothing was is no error. */
  remove(key: string): void | Promise<void>;
}

/** Whom {@link UserServiceClient.userExists} is about: at least one of these. */
export interface UserQuery {
  /** E-mail address. */
  email?: string;
  /** Phone number. */
  phone?: string;
  /** The user's id in your own system. */
  clientId?: string;
}

/** Whether somebody is registered, and who. */
export interface UserExists {
  /** Whether somebody fits. */
  userExists: boolean;
  /** That user's given name. */
  firstName: string | null;
  /** That user's family name. */
  lastName: string | null;
  /** What that user wants to be called. */
  nickname: string | null;
  /** Where that user's picture is. */
  imageUrl: string | null;
}

/** Where the service is, for the calls that keep no session. */
export interface ServiceOptions {
  /** Address of the service or of the mock server. */
  baseUrl: string;
  /** The user group (instance): a UUID. */
  instanceId: string;
  /** The secret of that whole user group: a UUID. */
  instanceKey?: string;
  /** Your own `fetch`; the global one unless given. */
  fetch?: typeof globalThis.fetch;
  /** How long the request may take, in milliseconds; 30 000 unless given. */
  timeoutMs?: number;
}

/** What one call may be told. */
export interface CallOptions {
  /** Aborts this call, and nothing that other calls wait for. */
  signal?: AbortSignal;
  /** How long each request of this call may take, in milliseconds; the client's `timeoutMs` unless given. */
  timeoutMs?: number;
}

/** The three credentials of a user. */
export interface Session {
  /** The permanent id of the user; it starts the telematics SDK. Empty for an admin, who has none. */
  readonly deviceToken: string;
  /** The JWT that calls the API; `null` after a registration with `createAccessToken: false`. */
  readonly accessToken: string | null;
  /** When the access token expires, by this computer's clock; `null` without an access token. */
  readonly expiresAt: Date | null;
  /** Buys the next pair of tokens; changes with every login and every refresh. */
  readonly refreshToken: string | null;
}

/** What happened to the session. */
export type SessionChangeKind =
  /** A new user was registered and is signed in. */
  | "registered"
  /** A user signed in. */
  | "signed-in"
  /** The refresh token bought the next pair. */
  | "refreshed"
  /** A stored session was taken up again. */
  | "restored"
  /** The refresh token was dead, and the user was signed in again without being asked. */
  | "reauthenticated"
  /** The user signed out. */
  | "signed-out"
  /** The session could neither be refreshed nor replaced. */
  | "expired";

/** Tells a listener that the session changed. */
export interface SessionChange {
  /** What happened. */
  readonly kind: SessionChangeKind;
  /** The session from now on; `null` when nobody is signed in. */
  readonly session: Session | null;
  /** Where it happened. */
  readonly origin: "this-tab" | "other-tab";
}

/** Something that went wrong without breaking a call. */
export interface Warning {
  /** What kind of thing went wrong. */
  readonly code: ErrorCode;
  /** The same as a sentence. */
  readonly message: string;
}

/** How a user signs in. */
export type LoginCredentials =
  /** By device token; the client needs the `instanceKey` for it. */
  | { deviceToken: string }
  /** By e-mail address: on instances with the UBI product. */
  | { email: string; password: string }
  /** By phone number: on instances with the UBI product. */
  | { phone: string; password: string };

/** Gender. */
export type Gender = "None" | "Male" | "Female" | "Other";

/** The telematics parameters as they are written. */
export interface TelematicsFields {
  /** Whether the SDK tracks motion; `true` unless given. */
  enableTracking?: boolean;
  /** Debug mode, which costs battery; `false` unless given. */
  enableLogging?: boolean;
  /** Online location monitoring; `false` unless given. */
  enableRealTimeLocation?: boolean;
  /** The master switch of the account; `true` unless given. */
  enabled?: boolean;
  /** The user's id in your own system. */
  clientId?: string;
}

/** Who a user is, as it is written; what is not given stays as it is. */
export interface WritableProfile {
  /** Given name. */
  firstName?: string;
  /** Family name. */
  lastName?: string;
  /** What the user wants to be called. */
  nickname?: string;
  /** Phone number; on a UBI instance a login. */
  phone?: string;
  /** E-mail address; on a UBI instance a login. */
  email?: string;
  /** Gender; `"None"` unless given. */
  gender?: Gender;
  /** Date of birth: `yyyy-MM-dd`, or ISO 8601 with time. */
  birthday?: string;
  /** Free text; `"1"` to `"4"` are read as married, widowed, divorced, single. */
  maritalStatus?: string;
  /** Number of children: a whole number from 0 on. */
  childrenCount?: number;
  /** Country. */
  country?: string;
  /** District. */
  district?: string;
  /** City. */
  city?: string;
  /** Street and number. */
  address?: string;
  /** Where the picture is. */
  imageUrl?: string;
}

/** A user to register; every field is optional. */
export interface NewUser extends WritableProfile {
  /** Whether tokens are given out at once; `true` unless given. */
  createAccessToken?: boolean;
  /** Registers into the instance with that code; then no `instanceKey` is needed. */
  instanceInviteCode?: string;
  /** The telematics parameters. */
  userFields?: TelematicsFields;
  /** A UUID that becomes the device token. */
  customToken?: string;
  /** The password on a UBI instance; generated and delivered by SMS or e-mail unless given. */
  password?: string;
}

/** Many users to register alike. */
export interface NewUsers {
  /** How many: a whole number from 1 to 10 000. */
  quantity: number;
  /** Whether tokens are given out at once; `true` unless given. */
  createAccessToken?: boolean;
  /** The telematics parameters of every one of them. */
  customFields?: TelematicsFields;
}

/** Changes to a user's own record; what is not given stays as it is. */
export interface UserChanges extends WritableProfile {
  /** A picture that lives elsewhere. */
  externalImageUrl?: string;
  /** The new state; `"Deactivated"` reads back as `"Inactive"`. */
  status?: "Active" | "Deactivated" | "Deleted";
  /** The password so far, needed to set a new one. */
  oldPassword?: string;
  /** The new password. */
  newPassword?: string;
  /** The user's id at an identity provider. */
  identityId?: string;
  /** That identity provider. */
  identityProvider?: string;
  /** The telematics parameters to switch. */
  userFields?: TelematicsFields;
}

/** A user's record as it is read. */
export interface User {
  /** The permanent id. */
  deviceToken: string;
  /** When the user was registered: ISO 8601 without a zone, UTC. */
  dateCreated: string;
  /** The state; `"Unknown"` is one that this version does not know. */
  status: "Active" | "Inactive" | "Deleted" | "Unknown";
  /** How active the user's device is, such as `"No Data"`. */
  activityStatus: string;
  /** Who the user is. */
  userProfile: UserProfile;
  /** The user's phone. */
  mobileDevice: MobileDevice;
  /** Where the user belongs. */
  accountInfo: AccountInfo;
  /** Wallets; of their content nothing is known. */
  userWallets: Record<string, unknown>[];
  /** The user's id at an identity provider. */
  identityId: string | null;
  /** That identity provider. */
  identityProvider: string | null;
  /** The telematics parameters. */
  userFields: TelematicsState;
}

/** Who a user is, as it is read. */
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
  /** What the user wants to be called. */
  nickname: string | null;
  /** E-mail address. */
  email: string | null;
  /** Phone number. */
  phone: string | null;
  /** Where the picture is. */
  imageUrl: string | null;
  /** A picture that lives elsewhere. */
  externalImageUrl: string | null;
}

/** The user's phone, as the SDK reports it. */
export interface MobileDevice {
  /** Id of the phone. */
  mobileUid: string | null;
  /** Model of the phone. */
  deviceModel: string | null;
  /** Operating system. */
  osType: string | null;
  /** Its version. */
  osVersion: string | null;
  /** Version of the telematics SDK. */
  sdkVersion: string | null;
  /** Version of the app. */
  appVersion: string | null;
  /** Fifteen digits; zeros until a phone has reported. */
  virtualImei: string;
}

/** Where a user belongs; the names may be `null`. */
export interface AccountInfo {
  /** The company. */
  companyId: string | null;
  /** Its name. */
  companyName: string | null;
  /** The application. */
  applicationId: string | null;
  /** Its name. */
  applicationName: string | null;
  /** The user group (instance). */
  instanceId: string | null;
  /** Its name. */
  instanceName: string | null;
}

/** The telematics parameters as they are read. */
export interface TelematicsState {
  /** The user's id in your own system. */
  clientId: string | null;
  /** Debug mode. */
  enableLogging: boolean;
  /** Online location monitoring. */
  enableRealTimeLocation: boolean;
  /** Whether the SDK tracks motion. */
  enableTracking: boolean;
  /** The master switch of the account. */
  enabled: boolean;
}

/** What kind of thing went wrong. */
export type ErrorCode =
  /** No answer came. */
  | "network"
  /** No answer came in time. */
  | "timeout"
  /** The call was aborted. */
  | "aborted"
  /** Too many calls; `retryAfterSeconds` says how long to wait, where the service does. */
  | "rate-limited"
  /** The service does not accept who asks, not even with a new access token. */
  | "unauthorized"
  /** The session could neither be refreshed nor replaced: the user has to sign in again. */
  | "session-expired"
  /** Whoever asks is known and may not do this: a deactivated user, for example. */
  | "forbidden"
  /** What the call is about does not exist. */
  | "not-found"
  /** The service does not accept what was sent; `fields` says what is wrong. */
  | "validation"
  /** The service failed. */
  | "service"
  /** The service's answer cannot be understood. */
  | "decode"
  /** The storage cannot be used. */
  | "storage"
  /** The call needs a signed-in user and there is none. */
  | "not-signed-in"
  /** The call was given something it cannot work with; the message names the field. */
  | "invalid-argument"
  /** The client was disposed. */
  | "disposed";

/** One thing wrong with one field. */
export interface FieldProblem {
  /** The path of the field as the service names it, such as `UserFields.Enabled`. */
  readonly key: string;
  /** What is wrong with it, as a sentence. */
  readonly message: string;
}

/** The one error that every call rejects with. It never holds a token, a key or a password. */
export class UserServiceError extends Error {
  private constructor();
  /** What kind of thing went wrong: decide by this, not by the message. */
  readonly code: ErrorCode;
  /** The HTTP status, where an answer came. */
  readonly status?: number;
  /** What the service says went wrong, in one sentence. */
  readonly title?: string;
  /** What the service says is wrong, field by field. */
  readonly fields?: readonly FieldProblem[];
  /** How long to wait before the next try, in seconds, where the service says so. */
  readonly retryAfterSeconds?: number;
  /** What lies beneath: the browser's own error, the reason of an abort, or the response that `fetch` got. */
  readonly cause?: unknown;
}

/** Keeps one user signed in and calls the service for that user. */
export class UserServiceClient {
  private constructor();
  /** Loads the WebAssembly once, takes up a stored session if there is one, and resolves to the client. */
  static create(options: ClientOptions): Promise<UserServiceClient>;
  /** Registers a new user and signs in as that user. Calling it twice makes two users. */
  register(user?: NewUser, options?: CallOptions): Promise<Session>;
  /** Registers many users alike, and leaves this client's own session as it is. */
  registerMany(batch: NewUsers, options?: CallOptions): Promise<Session[]>;
  /** Signs a user in. */
  login(credentials: LoginCredentials, options?: CallOptions): Promise<Session>;
  /** Buys the next pair of tokens now; calls made while one refresh is under way share it. */
  refresh(options?: CallOptions): Promise<Session>;
  /** Reads the record of the signed-in user. */
  profile(options?: CallOptions): Promise<User>;
  /** Changes the record of the signed-in user. */
  update(changes: UserChanges, options?: CallOptions): Promise<void>;
  /** Lets the signed-in user join the instance with that invite code; resolves to its name. */
  joinInstance(inviteCode: string, options?: CallOptions): Promise<{ instanceName: string }>;
  /** Asks whether somebody is registered; nobody needs to be signed in. */
  userExists(query: UserQuery, options?: CallOptions): Promise<UserExists>;
  /** Uploads the picture of the signed-in user; resolves to where it is. */
  uploadImage(picture: Blob, options?: CallOptions): Promise<string>;
  /**
   * Your own API calls: `fetch` with the access token, which is renewed when it is about to expire or answered 401 (or
   * 419). Rejects with `invalid-argument` for an origin that is not in `apiOrigins`, and with `unauthorized` for a second
   * 401, whose response is the `cause`. A `ReadableStream` as `body` is sent once, and a 401 comes back as it
   * is. Of the client's options, `timeoutMs` and `maxRetries` do not apply.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** The session, or `null` when nobody is signed in; the same object until it changes. */
  readonly session: Session | null;
  /** Calls the listener after every change of the session; returns a function that stops that. */
  onSessionChange(listener: (change: SessionChange) => void): () => void;
  /** Calls the listener for every warning, those before the first listener included; returns a function that stops that. */
  onWarning(listener: (warning: Warning) => void): () => void;
  /** Forgets the tokens here, in storage and in other tabs. A refresh that is still under way cannot bring them back. */
  signOut(): Promise<void>;
  /** Ends this client: calls under way reject with `disposed`, and so does every later one. The stored session stays. */
  dispose(): void;
  /** The same as {@link UserServiceClient.dispose}, for `using`. */
  [Symbol.dispose](): void;
}

/** Registers a new user; keeps nothing. */
export function register(service: ServiceOptions, user?: NewUser, options?: CallOptions): Promise<Session>;

/** Buys the next pair of tokens; keeps nothing. */
export function refresh(
  service: ServiceOptions,
  tokens: { accessToken: string; refreshToken: string },
  options?: CallOptions,
): Promise<Session>;

/** Changes the record of the user whose access token it is; keeps nothing. */
export function update(
  service: ServiceOptions,
  accessToken: string,
  changes: UserChanges,
  options?: CallOptions,
): Promise<void>;
