/** The start and the end of a secret: enough to recognise it, too little to use it. */
export function shorten(secret: string): string {
  return secret.length < 24 ? "…" : `${secret.slice(0, 6)}…${secret.slice(-6)}`;
}

/** The end of the bearer token in an `Authorization` header; null if there is no such token. */
export function bearerEnding(authorization: string | null): string | null {
  const token = authorization?.match(/^Bearer\s+(\S+)$/i)?.[1];
  return token === undefined || token.length < 24 ? null : `…${token.slice(-6)}`;
}
