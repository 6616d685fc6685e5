// @ts-check
// Decides which pages may ask for credentials.

/**
 * What the headers of a request say about the page that sent it.
 *
 * @typedef {object} Sender
 * @property {string | null} site the header `Sec-Fetch-Site`
 * @property {string | null} origin the header `Origin`
 * @property {string | null} host the host that the browser called
 */

/**
 * Whether the request is from a page of this host, from a page of a listed origin, or from no page.
 *
 * @param {Sender} sender
 * @param {readonly string[]} allowedOrigins
 */
export function isAdmitted({ site, origin, host }, allowedOrigins) {
  if (isListed(origin, allowedOrigins)) return true;
  // `none` is a navigation that the user started, such as a reload. A page that calls this handler never sends it.
  if (site !== null) return site === "same-origin";
  // Every browser adds `Origin` to a POST, so this sender is a program, which no foreign page can misuse.
  if (origin === null) return true;
  return host !== null && hasHost(origin, host);
}

/**
 * The headers that let a page of a listed origin read the answer; none for other senders.
 *
 * @param {string | null} origin
 * @param {readonly string[]} allowedOrigins
 * @returns {Record<string, string>}
 */
export function corsHeaders(origin, allowedOrigins) {
  if (origin === null || !isListed(origin, allowedOrigins)) return {};
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "Retry-After",
    Vary: "Origin",
  };
}

/**
 * The further headers of the answer to a preflight request of a listed origin.
 *
 * @param {string | null} requestedHeaders the header `Access-Control-Request-Headers`
 * @returns {Record<string, string>}
 */
export function preflightHeaders(requestedHeaders) {
  return {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Max-Age": "600",
    ...(requestedHeaders !== null && { "Access-Control-Allow-Headers": requestedHeaders }),
  };
}

/** @param {string | null} origin @param {readonly string[]} allowedOrigins */
export function isListed(origin, allowedOrigins) {
  return origin !== null && allowedOrigins.includes(origin);
}

/**
 * Compares hosts and ports. The scheme is not compared: behind a proxy that ends TLS, this server does not know it.
 *
 * @param {string} origin
 * @param {string} host
 */
function hasHost(origin, host) {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: expected } = new URL(origin);
  // The URL parser removes the default port and lowers the letters.
  const called = `${protocol}//${host}`;
  return URL.canParse(called) && new URL(called).host === expected;
}
