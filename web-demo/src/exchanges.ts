import { bearerEnding } from "./secrets";

/** The state of an HTTP exchange. `duration` is the time until the headers of the answer arrived, in milliseconds. */
export type Outcome =
  | { readonly state: "pending" }
  | { readonly state: "answered"; readonly status: number; readonly at: number; readonly duration: number }
  | { readonly state: "failed"; readonly reason: "aborted" | "no answer"; readonly at: number; readonly duration: number };

/** One HTTP request of the client and its outcome, without a body, a query or a whole token. */
export interface Exchange {
  readonly kind: "exchange";
  readonly id: number;
  readonly method: string;
  readonly path: string;
  /** The end of the JWT that was sent: it shows that a repeated call carries a new one. */
  readonly jwt: string | null;
  readonly startedAt: number;
  readonly outcome: Outcome;
}

/** An event other than HTTP that explains the exchanges around it. */
export interface Note {
  readonly kind: "note";
  readonly id: number;
  readonly source: "session" | "mock";
  readonly text: string;
}

/** The list of exchanges and notes, the newest last, and the number of exchanges since the list was cleared. */
export interface Log {
  readonly entries: readonly (Exchange | Note)[];
  readonly exchanges: number;
}

/** A log without entries. */
export const emptyLog: Log = { entries: [], exchanges: 0 };

/** The maximum number of entries; the oldest ones are dropped first. */
const limit = 400;

/** Records every exchange of the `fetch` that it wraps, in the order in which the exchanges start. */
export class Recorder {
  #log = emptyLog;
  #nextId = 1;
  #exchangeNumber = 0;
  readonly #changed: (log: Log) => void;

  constructor(changed: (log: Log) => void) {
    this.#changed = changed;
  }

  /** Wraps a `fetch` so that its exchanges with the service at this address are recorded. */
  wrap(fetch: typeof globalThis.fetch, service: string): typeof globalThis.fetch {
    return async (input, init) => {
      const id = this.#begin(input, init, service);
      try {
        const response = await fetch(input, init);
        this.#end(id, (times) => ({ state: "answered", status: response.status, ...times }));
        return response;
      } catch (error) {
        const aborted = error instanceof DOMException && error.name === "AbortError";
        this.#end(id, (times) => ({ state: "failed", reason: aborted ? "aborted" : "no answer", ...times }));
        throw error;
      }
    };
  }

  /** Adds a note between the exchanges. */
  note(source: Note["source"], text: string): void {
    this.#add({ kind: "note", id: this.#nextId++, source, text });
  }

  /** Removes all entries. */
  clear(): void {
    this.#exchangeNumber = 0;
    this.#publish(emptyLog);
  }

  #begin(input: RequestInfo | URL, init: RequestInit | undefined, service: string): number {
    const request = input instanceof Request ? input : null;
    const url = new URL(request?.url ?? String(input), document.baseURI);
    const headers = new Headers(init?.headers ?? request?.headers);
    const id = this.#nextId++;
    this.#exchangeNumber += 1;
    this.#add({
      kind: "exchange",
      id,
      method: (init?.method ?? request?.method ?? "GET").toUpperCase(),
      path: pathAt(service, url),
      jwt: bearerEnding(headers.get("Authorization")),
      startedAt: performance.now(),
      outcome: { state: "pending" },
    });
    return id;
  }

  #end(id: number, outcome: (times: { at: number; duration: number }) => Outcome): void {
    const at = performance.now();
    const entries = this.#log.entries.map((entry) =>
      entry.kind === "exchange" && entry.id === id
        ? { ...entry, outcome: outcome({ at, duration: at - entry.startedAt }) }
        : entry,
    );
    this.#publish({ ...this.#log, entries });
  }

  #add(entry: Exchange | Note): void {
    this.#publish({ entries: [...this.#log.entries, entry].slice(-limit), exchanges: this.#exchangeNumber });
  }

  #publish(log: Log): void {
    this.#log = log;
    this.#changed(log);
  }
}

/** The path of a request below the address of the service; the whole path if it goes elsewhere. */
function pathAt(service: string, url: URL): string {
  return url.href.startsWith(`${service}/`) ? url.pathname.slice(new URL(`${service}/`).pathname.length - 1) : url.pathname;
}
