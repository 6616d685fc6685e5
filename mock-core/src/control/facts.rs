//! What is known of a request before it is answered.

use crate::service::ids::{DeviceToken, InstanceId};

/// What is known of a request before it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its number in the journal.
    pub number: u64,
    /// Whose request it is: an instance's, or the server's as a whole.
    pub instance: Option<InstanceId>,
    /// The method.
    pub method: String,
    /// The path; spelled as the contract spells it where it is one of the contract's.
    pub path: String,
    /// The user it is about, where that is known.
    pub device_token: Option<DeviceToken>,
}

/// Whether what belongs to `owner` is seen from `scope`: an instance sees its own, the server as a whole everything.
#[must_use]
pub fn sees(scope: Option<InstanceId>, owner: Option<InstanceId>) -> bool {
    scope.is_none() || scope == owner
}
