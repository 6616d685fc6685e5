/** Which token of a user to expire. */
export type Expirable = "access" | "refresh";

/** The mock server behind the service's address. A real service has no such thing. */
export interface MockServer {
  readonly version: string;
}

/** Asks whether the service is a mock server; null where it is not, or does not answer. */
export async function findMock(service: string): Promise<MockServer | null> {
  try {
    const response = await fetch(`${service}/__mock/health`, { cache: "no-store" });
    if (!response.ok) return null;
    const health: unknown = await response.json();
    if (typeof health !== "object" || health === null || !("status" in health) || health.status !== "ok") return null;
    return { version: "version" in health && typeof health.version === "string" ? health.version : "" };
  } catch {
    return null;
  }
}

/** Makes the mock server treat a user's token as expired from now on. Throws an `Error` with the mock's own sentence where it refuses. */
export async function expireToken(service: string, deviceToken: string, which: Expirable): Promise<void> {
  const response = await fetch(`${service}/__mock/tokens/expire`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ deviceToken, which }),
  });
  if (!response.ok) throw new Error(await refusal(response));
}

async function refusal(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  const sentence = typeof body === "object" && body !== null && "error" in body ? body.error : null;
  return typeof sentence === "string" ? sentence : `The mock server answered ${response.status}.`;
}
