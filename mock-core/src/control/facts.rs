//! Facts about a request that are known before it is answered.

use std::borrow::Cow;

use super::matching::Candidate;
use crate::service::Scope;
use crate::service::ids::DeviceToken;

/// Facts about a request that are known before it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestFacts {
    /// The request's number in the journal.
    pub number: u64,
    /// The scope that the request belongs to.
    pub owner: Scope,
    /// The method.
    pub method: Cow<'static, str>,
    /// The path. A path of the contract is spelled as the contract spells it.
    pub path: Cow<'static, str>,
    /// The user whom the request is about, if the request names one.
    pub device_token: Option<DeviceToken>,
}

impl RequestFacts {
    /// The facts that a [`super::matching::RequestMatch`] compares; the status is not known yet.
    #[must_use]
    pub fn candidate(&self) -> Candidate<'_> {
        Candidate { method: &self.method, path: &self.path, status: None, device_token: self.device_token }
    }
}
