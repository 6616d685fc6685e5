// @ts-check

/**
 * Whether a request is from a page of this app, or from no page. A route that signs in or out refuses all others: `SameSite=Lax`
 * keeps other sites from sending the cookie, but not from sending a form that signs the user in as somebody else.
 *
 * @param {Headers} headers
 */
export function isFromOwnPage(headers) {
  const site = headers.get("Sec-Fetch-Site");
  if (site !== null) return site === "same-origin";
  // Older browsers, and pages without TLS, send only `Origin`, with every POST. A request without it is from a program.
  const origin = headers.get("Origin");
  return origin === null || (URL.canParse(origin) && new URL(origin).host === headers.get("Host"));
}
