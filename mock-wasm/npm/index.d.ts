/**
 * A mock of the telematics user service in the memory of this program: in a test in Node, Deno or Bun, or in a page. Nothing listens,
 * and nothing is started.
 *
 * @packageDocumentation
 */

import type { Admin, Instance, MockServerConnection, NewUser, SettingsChange } from "./control.js";

export * from "./control.js";

/** Where the WebAssembly comes from: a URL, a response, its bytes or a compiled module. */
export type WasmSource = string | URL | Response | BufferSource | WebAssembly.Module;

/** How {@link createMock} makes a mock. */
export interface MockOptions {
  /**
   * The address of the service, which may have a path. `fetch` answers requests below it; `http://localhost:4600` by default. With the
   * address of the real service an app needs no setting of its own.
   */
  url?: string | URL;
  /** Makes tokens and passwords repeatable, and therefore guessable; random by default. */
  seed?: number | bigint;
  /** Freezes the clock at this time (ISO 8601 if it is text); by default the clock shows the time of `Date.now()`. */
  clock?: string | Date;
  /** Settings that differ from the default. */
  settings?: SettingsChange;
  /** The number of requests that the journal keeps for each instance; 0 keeps none, 10000 by default. */
  journalSize?: number;
  /** Further instances. A reset goes back to them, as to the admins and users below. */
  instances?: readonly InitialInstance[];
  /** Further admins. */
  admins?: readonly InitialAdmin[];
  /** Users, without tokens by default. */
  users?: readonly InitialUser[];
  /** The WebAssembly, if it cannot be loaded from the package. Only the first mock of a program loads it. */
  wasm?: WasmSource;
}

/** An instance that exists from the start. */
export interface InitialInstance {
  /** A UUID. */
  id: string;
  /** The secret of the whole instance: a UUID. */
  key: string;
  /** Registers users into the instance without its key. */
  inviteCode: string;
  /** Its name; empty by default. */
  name?: string;
  /** With `"UBI"`, its users log in with a password. */
  products?: readonly "UBI"[];
}

/** An admin who exists from the start. */
export interface InitialAdmin {
  /** The e-mail address. */
  email: string;
  /** The password. */
  password: string;
  /** The ids of the instances whose users the admin sees; all instances by default. */
  instances?: readonly string[];
}

/** A user who exists from the start. */
export interface InitialUser extends NewUser {
  /** The invite code of the user's instance; that of the instance Demo by default. */
  inviteCode?: string;
}

/**
 * Makes a mock. Its clock and its timers are those of this program, so fake timers of a test runner move both.
 *
 * @example
 * const mock = await createMock();
 * const client = UserServiceClient.create({ baseUrl: mock.url, fetch: mock.fetch, ...mock.instance });
 */
export function createMock(options?: MockOptions): Promise<InProcessMock>;

/** A mock in the memory of this program. Its methods act on the whole mock. */
export interface InProcessMock extends MockServerConnection, Disposable {
  /** The address of the service, without a slash at the end. */
  readonly url: string;
  /** The instance Demo. */
  readonly instance: Instance;
  /** The instance Demo UBI. Its users log in with an e-mail address or a phone number and a password. */
  readonly ubiInstance: Instance;
  /** The admin of both instances. */
  readonly admin: Admin;
  /** The instances of the options. */
  readonly configuredInstances: readonly (Instance & { readonly name?: string })[];
  /**
   * Answers a request like the global `fetch`; a path alone is below {@link url}. Rejects with a `TypeError` for an address of another
   * service, and if a fault loses the answer. It is bound to the mock.
   */
  readonly fetch: (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;
  /** A number that grows with every change of the state. */
  readonly revision: number;
  /** Ends the mock and frees its memory. */
  free(): void;
}
