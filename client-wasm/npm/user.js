// The record of a user: the tables of the contract, and the arguments of the calls that write one.
import { firstOf, flag, flagOr, knownOr, list, object, oneOf, requiredText, text, textOr, toWire, whole } from "./shapes.js";

const profile = {
  firstName: text,
  lastName: text,
  nickname: text,
  phone: text,
  email: text,
  birthday: text,
  maritalStatus: text,
  childrenCount: whole(0, 0xffffffff, null),
  country: text,
  district: text,
  city: text,
  address: text,
  imageUrl: text,
};

export const telematics = { enableTracking: flag, enableLogging: flag, enableRealTimeLocation: flag, enabled: flag, clientId: text };

const written = { ...profile, gender: oneOf("None", "Male", "Female", "Other") };

export const newUser = {
  ...written,
  createAccessToken: flag,
  userFields: object(telematics),
  instanceInviteCode: text,
  customToken: text,
  password: text,
};

export const userChanges = {
  ...written,
  userFields: object(telematics),
  externalImageUrl: text,
  status: oneOf("Active", "Deactivated", "Deleted"),
  oldPassword: text,
  newPassword: text,
  identityId: text,
  identityProvider: text,
};

export const userRecord = {
  deviceToken: requiredText,
  dateCreated: requiredText,
  status: knownOr("Active", "Inactive", "Deleted"),
  activityStatus: textOr(""),
  userProfile: object({ ...profile, gender: text, externalImageUrl: text }),
  mobileDevice: object({
    mobileUid: text,
    deviceModel: text,
    osType: text,
    osVersion: text,
    sdkVersion: text,
    appVersion: text,
    virtualImei: textOr("000000000000000"),
  }),
  accountInfo: object({
    companyId: text,
    companyName: text,
    applicationId: text,
    applicationName: text,
    instanceId: text,
    instanceName: text,
  }),
  userWallets: list,
  identityId: text,
  identityProvider: text,
  userFields: firstOf({
    clientId: text,
    enableLogging: flagOr(false),
    enableRealTimeLocation: flagOr(false),
    enableTracking: flagOr(true),
    enabled: flagOr(true),
  }),
};

/** The arguments of a registration: the user as JSON, and whether the user has an invite code. */
export function registrationArguments(user = {}) {
  const body = toWire("user", user, newUser);
  return [JSON.stringify(body), body.InstanceInviteCode !== undefined];
}

/** The arguments of an update: the changes as JSON, and whether the password changes. */
export function updateArguments(changes) {
  const body = toWire("changes", changes, userChanges);
  return [JSON.stringify(body), body.NewPassword !== undefined];
}
