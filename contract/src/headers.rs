//! The names of the request headers. HTTP compares them without letter case, so `InstanceID` is the same header \[C\].

/// The id of the instance (user group) of a call; a UUID \[S\].
pub const INSTANCE_ID: &str = "InstanceId";
/// The secret key of that instance; a UUID \[S\].
pub const INSTANCE_KEY: &str = "InstanceKey";
/// The user, in the legacy authentication with headers \[S\].
pub const DEVICE_TOKEN: &str = "DeviceToken";
/// The user whom an admin's update changes \[V\].
pub const USER_DEVICE_TOKEN: &str = "UserDeviceToken";
