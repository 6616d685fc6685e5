/** What the mock uses of the global scope of a service worker. */
export interface WorkerScope {
  readonly location: { readonly href: string };
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: LongEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: RequestEvent) => void): void;
  addEventListener(type: "message", listener: (event: MessageToWorker) => void): void;
}

/** An event that keeps the worker alive until a promise settles. */
export interface LongEvent {
  waitUntil(promise: Promise<unknown>): void;
}

/** A request of a page. */
export interface RequestEvent extends LongEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

/** A message of a page. */
export interface MessageToWorker extends LongEvent {
  readonly data: unknown;
  readonly ports: readonly { postMessage(message: Greeting): void }[];
}

/** What the worker tells a page that asks: the address of the mock, or why the mock did not start. */
export type Greeting = { readonly url: string } | { readonly error: string };

/** Where the state is kept while the worker does not run. */
export interface StateStore {
  /** The snapshot that was written last. */
  read(): Promise<string | undefined>;
  /** Resolves once the snapshot would survive the end of the worker. */
  write(snapshot: string): Promise<void>;
}
