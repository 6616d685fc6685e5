// The parts of an absolute address. The URL of React Native has no origin or a wrong one, and its Request keeps an address as it is given.

/**
 * The scheme, the host, the port and the path. A host has few kinds of characters, so that this file and the network library of the
 * device cannot read different hosts in one address.
 */
const ADDRESS = /^(https?):\/\/([\w.-]+|\[[\da-f:.]+\])(?::(\d+))?(?![^/?#])([^?#]*)/i;
const DEFAULT_PORT = { http: 80, https: 443 };

function parts(url) {
  const [, scheme, host, port, path] = ADDRESS.exec(url) ?? [];
  if (!scheme) throw new TypeError("The address is not valid.");
  return { scheme: scheme.toLowerCase(), host: host.toLowerCase(), port, path };
}

export function origin(url) {
  const { scheme, host, port } = parts(url);
  return `${scheme}://${host}${port === undefined || Number(port) === DEFAULT_PORT[scheme] ? "" : `:${Number(port)}`}`;
}

export const path = (url) => parts(url).path || "/";
