import { bearerEnding } from "./secrets";

/** How an HTTP exchange ended, or that it has not yet. Durations in milliseconds, to the answer's headers. */
export type Outcome =
  | { readonly state: "pending" }
  | { readonly state: "answered"; readonly status: number; readonly at: number; readonly duration: number }
  | { readonly state: "failed"; readonly reason: "aborted" | "no answer"; readonly at: number; readonly duration: number };

/** One HTTP request of the client and what became of it. Never a body, a query or a whole token. */
export interface Exchange {
  readonly kind: "exchange";
  readonly id: number;
  readonly method: string;
  readonly path: string;
  /** The end of the JWT that was sent, to see that a repeated call carries another one. */
  readonly jwt: string | null;
  readonly startedAt: number;
  readonly outcome: Outcome;
}

/** Something beside HTTP that explains the exchanges around it. */
export interface Note {
  readonly kind: "note";
  readonly id: number;
  readonly source: "session" | "mock";
  readonly text: string;
}

/** What is shown: the newest last, and how many exchanges there were in all since it was cleared. */
export interface Log {
  readonly entries: readonly (Exchange | Note)[];
  readonly exchanges: number;
}

/** A log without entries. */
export const emptyLog: Log = { entries: [], exchanges: 0 };

/** How many entries are kept. The oldest leave first. */
const limit = 400;

/** Writes down every exchange of the `fetch` it wraps, in the order in which they start. */
export class Recorder {
  #log = emptyLog;
  #nextId = 1;
  #exchangeNumber = 0;
  readonly #changed: (log: Log) => void;

  constructor(changed: (log: Log) => void) {
    this.#changed = changed;
  }

  /** A `fetch` that does the same as the given one and is written down. */
  wrap(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return async (input, init) => {
      const id = this.#begin(input, init);
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

  /** Forgets everything written so far. */
  clear(): void {
    this.#exchangeNumber = 0;
    this.#publish(emptyLog);
  }

  #begin(input: RequestInfo | URL, init: RequestInit | undefined): number {
    const request = input instanceof Request ? input : null;
    const url = new URL(request?.url ?? String(input), document.baseURI);
    const headers = new Headers(init?.headers ?? request?.headers);
    const id = this.#nextId++;
    this.#exchangeNumber += 1;
    this.#add({
      kind: "exchange",
      id,
      method: (init?.method ?? request?.method ?? "GET").toUpperCase(),
      path: url.pathname,
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
