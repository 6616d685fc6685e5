// @ts-check
// Seals a text with a secret, for a cookie: AES-GCM with a key that HKDF derives from the secret, in base64url.

/** The size of the random number in front of each sealed value, and of the checksum behind it, in bytes. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The keys by their secrets.
 *
 * @type {Map<string, Promise<CryptoKey>>}
 */
const keys = new Map();

/** @param {string} secret */
function keyOf(secret) {
  let key = keys.get(secret);
  if (!key) keys.set(secret, (key = derive(secret)));
  return key;
}

/** @param {string} secret */
async function derive(secret) {
  const { subtle } = globalThis.crypto;
  const material = await subtle.importKey("raw", encode(secret), "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encode("telematics-user-client/cookies") };
  return subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

const encode = (/** @type {string} */ text) => new TextEncoder().encode(text);

/**
 * Encrypts a text and protects it against changes. Only the same secret and the same name of the cookie open it.
 *
 * @param {string} text
 * @param {string} name
 * @param {string} secret
 */
export async function seal(text, name, secret) {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const key = await keyOf(secret);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: encode(name) }, key, encode(text));
  const binary = String.fromCharCode(...iv, ...new Uint8Array(sealed));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The length of a sealed text. @param {string} text */
export const sealedLength = (text) => Math.ceil(((IV_BYTES + encode(text).length + TAG_BYTES) * 4) / 3);

/**
 * The text in a sealed value; `null` if no secret opens it.
 *
 * @param {string} value
 * @param {string} name
 * @param {readonly string[]} secrets
 */
export async function unseal(value, name, secrets) {
  for (const secret of secrets) {
    const key = await keyOf(secret);
    try {
      const bytes = Uint8Array.from(atob(value.replaceAll("-", "+").replaceAll("_", "/")), (byte) => byte.charCodeAt(0));
      const how = { name: "AES-GCM", iv: bytes.subarray(0, IV_BYTES), additionalData: encode(name) };
      const text = new TextDecoder().decode(await crypto.subtle.decrypt(how, key, bytes.subarray(IV_BYTES)));
      return { text, secret };
    } catch {
      // This secret did not seal the value.
    }
  }
  return null;
}
