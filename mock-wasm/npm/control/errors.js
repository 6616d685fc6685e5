// @ts-check
// The error that every function of this package rejects with.

export class MockServerError extends Error {
  static {
    this.prototype.name = "MockServerError";
  }

  /**
   * @param {string} message
   * @param {{ status?: number, field?: string | undefined, reason?: string | undefined, cause?: unknown }} [details]
   */
  constructor(message, { status, field, reason, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.field = field;
    this.reason = reason;
  }
}

/** The message of anything that was thrown, without a full stop at its end. @param {unknown} thrown */
export function messageOf(thrown) {
  return (thrown instanceof Error ? thrown.message : String(thrown)).replace(/\.$/, "");
}
