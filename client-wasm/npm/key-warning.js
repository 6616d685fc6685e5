let hasWarned = false;

/** Warns once if a page has the key: everyone who opens the page can read it. */
export function warnOfKey({ instanceKey }) {
  const { protocol, hostname } = globalThis.location ?? {};
  const isPage = protocol === "http:" || protocol === "https:";
  if (hasWarned || !instanceKey || !isPage || /^(localhost|127\..+|\[::1\]|.+\.localhost)$/.test(hostname)) return;
  hasWarned = true;
  console.warn("telematics-user-client: everyone who opens this page can read instanceKey, the secret of the whole instance. Use reauthenticate.");
}
