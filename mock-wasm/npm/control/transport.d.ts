// The port through which the control client sends HTTP requests. `server/http.js` implements it for Node, `page.js` for pages.

/** Sends one request. Rejects if no response arrives, and never because of a status. */
export type Send = (url: URL, request: HttpRequest) => Promise<HttpResponse>;

/** A request to the control API; its headers are complete. */
export interface HttpRequest {
  method: string;
  headers: Record<string, string>;
  body: string | null;
  /** Closes the connection. */
  signal: AbortSignal | null;
}

/** A response whose status is known. Its body can be read once: whole or in pieces. */
export interface HttpResponse {
  status: number;
  /** The whole body. */
  text(): Promise<string>;
  /** The body in pieces, as they arrive. */
  chunks(): AsyncIterable<string>;
  /** Sets whether the open connection keeps the process alive. Pages do not have it. */
  keepAlive?(isNeeded: boolean): void;
}
