/**
 * The back end of clients without the instance key: signs the users of your app in at the telematics user service and gives their
 * pages the tokens. Uses only interfaces of the web platform, and no WebAssembly.
 *
 * A page calls it by `fetch(…, { method: "POST" })` in the option `reauthenticate` of its client. Each answer has
 * `Cache-Control: no-store`. The client ends its session only after a 401:
 *
 * | Status | When |
 * |---|---|
 * | 200 | The body is a {@link Credentials} as JSON. |
 * | 204 | A preflight request (OPTIONS) of a page of a listed origin. |
 * | 401 | `deviceTokenOf` knows no user and `newUserOf` no account, or the service does not know the device token. |
 * | 403 | The page is of another origin, or the service has deactivated the user. |
 * | 405 | The method is not POST. |
 * | 429 | `rateLimit` or the service refuses the request for now; `Retry-After` is passed on, up to a day. |
 * | 500 | A function of your app failed, or the service rejects the instance key or the content of a registration. |
 * | 502, 504 | The service failed, or did not answer in time. |
 * | 503 | The request was aborted: usually the page is gone and nobody reads the answer. |
 *
 * The service answers a wrong instance key like an unknown user. After such an answer the handler checks the key by a call that
 * changes nothing (`UserExists`), and answers 401 only if the service accepts the key.
 *
 * @packageDocumentation
 */

import type { Credentials, NewUser, UserServiceError as ClientError } from "./index.js";

export type { Credentials, ErrorCode, FieldProblem, NewUser } from "./index.js";

/**
 * An error about a call of the service, or about an option. It has the fields of the client's error, but is a class of this entry:
 * `instanceof` with the class of another entry is false. Decide by `code`.
 */
export class UserServiceError extends Error {
  private constructor();
  /** The cause, such as what `fetch` threw. */
  readonly cause?: unknown;
}
export interface UserServiceError extends Pick<ClientError, "code" | "status" | "title" | "fields" | "retryAfterSeconds"> {}

/** The options of a sign-in handler. `Req` is the request of your framework. */
export interface SignInOptions<Req = Request> {
  /** The address of the user service or of the mock server, such as `https://user.telematicssdk.com`. */
  serviceUrl: string;
  /** The user group (instance): a UUID. */
  instanceId: string;
  /** The secret of the whole user group: a UUID. Read it from the environment or from a secret store, not from the source. */
  instanceKey: string;
  /**
   * Finds the user of a request in your own way, for example by a session cookie, and returns the device token that you have stored
   * for this user. Never take the device token from the page. Returns `null` or `undefined` if it knows no user. It is called a
   * second time immediately before a registration, so it must see what `onRegister` has just stored.
   */
  deviceTokenOf: (request: Req) => string | null | undefined | Promise<string | null | undefined>;
  /**
   * Is called if `deviceTokenOf` returns no device token. Returns the account that made the request and the user to register for it,
   * or `null` if the request belongs to no account: the answer is then 401. Needs `onRegister`.
   */
  newUserOf?: (request: Req) => AccountUser | null | undefined | Promise<AccountUser | null | undefined>;
  /**
   * Stores the device token of a newly registered user with its account; the page gets the tokens afterwards. If it throws, the answer
   * is 500 without tokens. If the account has a device token already, because another server was faster, keep that one and return it:
   * the handler then logs in that user. Return no other string: one that is not a UUID is an error, and the answer is 500.
   */
  onRegister?: (registration: Registration<Req>) => string | void | Promise<string | void>;
  /**
   * Limits the sign-ins of a user. Is called once for each request of a known user or account, before the handler calls the service.
   * To refuse, return the number of seconds to wait, or `true` if you do not know it; to allow, return `0`, `false` or nothing.
   * Anything else, such as `NaN` or a negative number, is an error, and the answer is 500. `Retry-After` is rounded up to whole
   * seconds and is at most a day. The service itself limits logins by IP address, and all users of your back end share its address.
   */
  rateLimit?: (attempt: SignInAttempt<Req>) => number | boolean | null | void | Promise<number | boolean | null | void>;
  /**
   * The origins of other hosts whose pages may sign in here, such as `https://app.example` or `capacitor://localhost`. They get the
   * CORS headers and answers to their preflight requests; they call with `credentials: "include"` if you know users by a cookie.
   * Pages of this server's own host are always allowed. List its public origin only if a proxy changes the header `Host`; this
   * matters for browsers that send no `Sec-Fetch-Site`.
   */
  allowedOrigins?: readonly string[];
  /** The time limit of one call of the service, in milliseconds; 10 000 by default. */
  timeoutMs?: number;
  /**
   * Is told of each failure: a {@link UserServiceError} of this entry about a call of the service, which also says if the service does
   * not know a device token, or what one of your functions threw. What your functions throw is always answered with 500, also if it
   * has a `code`. By default the message is written to the console, with the code of a failed connection.
   */
  onError?: (error: unknown, request: Req) => void | Promise<void>;
  /** Your own `fetch` for calls of the service; the global one by default. */
  fetch?: typeof globalThis.fetch;
}

/** An account of your app whose user is to be registered. */
export interface AccountUser {
  /**
   * The id of the account in your app. Simultaneous requests of one account share one registration in this process. To share it among
   * several servers as well, choose the `deviceToken`.
   */
  accountId: string;
  /** The profile and the telematics parameters of the user; all are optional except on UBI instances. */
  user?: Omit<NewUser, "createAccessToken" | "instanceInviteCode" | "customToken">;
  /**
   * A UUID of your choice for the device token, such as a random one that you have stored with the account. The service registers it
   * only once, so an attempt that failed half-way can be repeated: the user of the first attempt is then logged in.
   */
  deviceToken?: string;
}

/** The argument of {@link SignInOptions.onRegister}. */
export interface Registration<Req = Request> {
  /** The request that led to the registration. */
  readonly request: Req;
  /** The id of the account, as `newUserOf` returned it. */
  readonly accountId: string;
  /** The permanent id of the new user: store it with the account. */
  readonly deviceToken: string;
}

/** The argument of {@link SignInOptions.rateLimit}. */
export interface SignInAttempt<Req = Request> {
  /** The request. */
  readonly request: Req;
  /** The device token of the user; `null` for an account whose user is to be registered. */
  readonly deviceToken: string | null;
  /** The account whose user is to be registered; `null` for a user with a device token. */
  readonly accountId: string | null;
}

/** What the handler reads of a request of Express, `node:http` or `node:http2`. */
export interface NodeRequest {
  /** The method. */
  readonly method?: string | undefined;
  /** The headers by their names in lower case. */
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  /** The host name, which Express reads as its setting `trust proxy` says; absent without Express. */
  readonly hostname?: string | undefined;
}

/** What the handler uses of a response of Express, `node:http` or `node:http2`. */
export interface NodeResponse {
  /** The status. */
  statusCode: number;
  /** Whether a response has been sent already. */
  readonly headersSent: boolean;
  /** Sets a header. */
  setHeader(name: string, value: string): unknown;
  /** Sends the response without a body. */
  end(): unknown;
  /** Sends the response. */
  end(body: string): unknown;
  /** Registers a listener for the end of the connection. */
  once(event: "close", listener: () => void): unknown;
}

/**
 * Creates a handler for every runtime and framework with the `Request` and `Response` of the web platform: Next.js, Hono, SvelteKit,
 * Deno, Bun, Cloudflare Workers. Create it once, not for each request. The handler never rejects. Give it the OPTIONS requests too if
 * you list `allowedOrigins` (in Next.js: `export const OPTIONS = POST`).
 *
 * @throws UserServiceError `invalid-argument`, with the name of the option
 */
export function createSignInHandler<Req extends Request = Request>(options: SignInOptions<Req>): (request: Req) => Promise<Response>;

/**
 * Creates the same handler for Express, `node:http` and `node:http2`. Your functions get the request of the framework. It does not read
 * the body, so it works before and after a body parser.
 *
 * @throws UserServiceError `invalid-argument`, with the name of the option
 */
export function createSignInMiddleware<Req extends NodeRequest = NodeRequest>(
  options: SignInOptions<Req>,
): (request: Req, response: NodeResponse) => Promise<void>;
