//! Names of the request headers; HTTP compares them without letter case, so `InstanceID` is the same header \[C\].

/// Names the user group a call is about; a UUID \[S\].
pub const INSTANCE_ID: &str = "InstanceId";
/// The secret of that user group; a UUID \[S\].
pub const INSTANCE_KEY: &str = "InstanceKey";
/// The user, in the legacy authentication of the transition period \[S\].
pub const DEVICE_TOKEN: &str = "DeviceToken";
/// The user an admin's update is about \[V\].
pub const USER_DEVICE_TOKEN: &str = "UserDeviceToken";
