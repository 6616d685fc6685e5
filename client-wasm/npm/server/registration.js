// @ts-check
// The first sign-in of an account: the app describes the user, the service registers it, the app stores its device token.

import { isUuid } from "./options.js";

/**
 * @import { Credentials } from "../index.d.ts"
 * @import * as Server from "../server.d.ts"
 * @import { userService } from "./service.js"
 */

/** The names that decide who or where the user is, in lower case. The service reads names in any letter case. */
const RESERVED = ["customtoken", "instanceinvitecode", "createaccesstoken", "generateaccesstoken"];

/**
 * Checks what `newUserOf` returned. Its `user` may come from a form, so a page must not choose the device token with it.
 *
 * @param {Server.AccountUser | null | undefined} account
 * @returns {Server.AccountUser | null}
 */
export function checkAccount(account) {
  if (account === null || account === undefined) return null;
  const { accountId, user = {} } = account;
  if (typeof accountId !== "string" || !accountId) throw new TypeError("newUserOf must return an accountId, or null.");
  const reserved = Object.keys(user).find((name) => RESERVED.includes(name.toLowerCase()));
  if (reserved) throw new TypeError(`The user of newUserOf must not have the field ${reserved}.`);
  return account;
}

/**
 * Registers the user of an account; resolves to `null` if the service does not know the user whom the app has stored instead.
 *
 * @template Req
 * @param {object} means
 * @param {ReturnType<typeof userService>} means.service
 * @param {Server.AccountUser} means.account
 * @param {Req} means.request
 * @param {Server.SignInOptions<Req>["onRegister"]} means.onRegister
 * @returns {Promise<Credentials | null>}
 */
export async function registerAccount({ service, account, request, onRegister }) {
  const { accountId, user, deviceToken: chosen } = account;
  const credentials = await service.register(user, chosen);
  const { deviceToken } = credentials;
  const stored = await onRegister?.({ request, accountId, deviceToken });
  if (typeof stored !== "string" || stored === deviceToken) return credentials;
  if (!isUuid(stored)) throw new TypeError("onRegister must return the device token that it has kept, a UUID, or nothing.");
  // Another server has registered the account at the same time, and its user was stored first.
  return service.login(stored, new AbortController().signal);
}
