// Calls that few apps make: `index.js` loads this file when an app makes the first of them.
import { refuse } from "./errors.js";
import { flag, flagOr, fromWire, object, requiredText, text, textOr, toWire, undecodable, whole } from "./shapes.js";
import { telematics } from "./user.js";

const invalid = (name, must) => refuse("invalid-argument", `${name} ${must}.`);

/** The largest number of users that one call registers. */
const MOST_USERS = 10_000;

export const newUsers = { createAccessToken: flag, quantity: whole(1, MOST_USERS), customFields: object(telematics) };
export const userQuery = { phone: text, email: text, clientId: text };
export const userExists = { userExists: flagOr(false), firstName: text, lastName: text, nickname: text, imageUrl: text };
export const joinedInstance = { instanceName: textOr("") };
/** The tokens of a new user, who may have none. */
export const newTokens = {
  deviceToken: text,
  accessToken: { ...object({ token: requiredText, expiresIn: whole(0, 0xffffffff) }), absent: null },
  refreshToken: text,
};

/** The calls; `send(path, body, asUser)` makes a request, a `POST` if it has a body, and resolves to the result of the service. */
export const calls = {
  /** `POST /v1/Registration/CreateMultiple` [S; path: P] */
  async registerMany({ send, hasKey }, batch) {
    const body = toWire("batch", batch, newUsers);
    if (!hasKey) invalid("instanceKey", "is required to register many users");
    const requestedMs = Date.now();
    const users = await send("/v1/Registration/CreateMultiple", JSON.stringify(body), false);
    if (!Array.isArray(users)) undecodable();
    return users.map((user) => session(fromWire(user, newTokens), requestedMs));
  },

  /** `GET /v1/Check/UserExists` [C] */
  async userExists({ send }, query) {
    const parameters = String(new URLSearchParams(toWire("query", query, userQuery)));
    if (!parameters) invalid("query", "must contain at least one of email, phone and clientId");
    return fromWire(await send(`/v1/Check/UserExists?${parameters}`, undefined, false), userExists);
  },

  /** `POST /v1/Management/users/instances/change/{InviteCode}` [C] */
  async joinInstance({ send }, inviteCode) {
    // No URL can carry half of a surrogate pair.
    const isText = typeof inviteCode === "string" && inviteCode && !/\p{Surrogate}/u.test(inviteCode);
    if (!isText) invalid("inviteCode", "must be a non-empty string");
    const path = `/v1/Management/users/instances/change/${encodeURIComponent(inviteCode)}`;
    return fromWire(await send(path, null, true), joinedInstance);
  },

  /** `POST /v1/Management/users/images/upload` [C]; the result is the address of the picture. */
  async uploadImage({ send }, picture) {
    if (!(picture instanceof Blob)) invalid("picture", "must be a Blob");
    const form = new FormData();
    form.append("file", picture);
    const address = await send("/v1/Management/users/images/upload", form, true);
    return typeof address === "string" ? address : undecodable();
  },
};

// An access token that no header can carry is refused, as the client itself does.
function session({ deviceToken, accessToken, refreshToken }, requestedMs) {
  if (!deviceToken || (accessToken && !/^[!-~]{1,16384}$/.test(accessToken.token))) undecodable();
  const expiresAt = accessToken && new Date(requestedMs + accessToken.expiresIn * 1000);
  return { deviceToken, accessToken: accessToken && accessToken.token, expiresAt, refreshToken };
}
