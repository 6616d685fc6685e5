// The record of a user: the tables of the contract, and the calls that read and change it.
import { firstOf, flag, flagOr, knownOr, list, object, oneOf, requiredText, text, textOr, whole } from "./shapes.js";

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
