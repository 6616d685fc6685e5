/**
 * The mock server for tests in Node: starts it, moves its clock, injects faults, and checks which requests it received.
 *
 * @packageDocumentation
 */

import type { Admin, ConnectOptions, Instance, MockServerConnection } from "./control.js";

export * from "./control.js";

/** How {@link startMockServer} starts the server. */
export interface MockServerOptions {
  /**
   * The program. By default the one that `TELEMATICS_MOCK_BIN` names, otherwise that of the package for this platform (such as
   * `telematics-mock-linux-x64`), otherwise `telematics-mock` on `PATH`, otherwise the
   * WebAssembly of this package, which `TELEMATICS_MOCK_BIN=none` takes always.
   */
  binary?: string | URL;
  /** Further command-line options of the server, such as `["--rotation", "grace=10s"]`. */
  args?: readonly string[];
  /** Makes tokens and passwords repeatable; random by default. */
  seed?: number | bigint;
  /** Freezes the clock at this time (ISO 8601 if it is text); by default the clock shows real time. */
  clock?: string | Date;
  /** Further environment variables of the server. Pass a control token here, as `TELEMATICS_MOCK_CONTROL_TOKEN`. */
  env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Starts a server on a free port of this machine and resolves once it is ready. The server ends when this process ends, and does
 * not keep this process alive. Rejects with a {@link MockServerError} that names the cause and the remedy.
 *
 * @example
 * const server = await startMockServer({ seed: 1 });
 * const mine = await server.createInstance();
 * await mine.clock.advance("P6D");
 * await server.stop();
 */
export function startMockServer(options?: MockServerOptions): Promise<MockServer>;

/**
 * Controls a server that already runs, for example from a worker of a test runner. Sends no request until a method is called.
 *
 * @example
 * const mine = await connectMockServer(process.env.MOCK_SERVER).createInstance();
 */
export function connectMockServer(url: string | URL, options?: ConnectOptions): MockServerConnection;

/** A server as its ready line describes it. */
export interface ServerDetails {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** The instance Demo, which every fresh server has. */
  readonly instance: Instance;
  /** The instance Demo UBI, which every fresh server has. Its users log in with an e-mail address or a phone number and a password. */
  readonly ubiInstance: Instance;
  /** The admin of both instances. */
  readonly admin: Admin;
  /** The instances of the configuration file. */
  readonly configuredInstances: readonly ConfiguredInstance[];
  /** The path of the configuration file, if the server reads one. */
  readonly config?: string;
}

/** An instance of the configuration file. */
export interface ConfiguredInstance extends Instance {
  /** Its name, if it has one. */
  readonly name?: string;
}

/** A server that {@link startMockServer} started. Its methods act on the whole server. */
export interface MockServer extends MockServerConnection, ServerDetails, AsyncDisposable {
  readonly url: string;
  /**
   * Ends the server and resolves when its process is gone; running requests finish first. Rejects if the process failed, also if
   * it failed before this call.
   */
  stop(): Promise<void>;
}
