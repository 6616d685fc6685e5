//! Facts about a request that are known before it is answered.

use std::borrow::Cow;

use super::matching::{Candidate, Content};
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
    /// What a [`super::matching::RequestMatch`] compares; the status and the hint are not known yet.
    #[must_use]
    pub fn candidate<'a>(&'a self, content: &'a dyn Content) -> Candidate<'a> {
        let Self { method, path, device_token, .. } = self;
        Candidate { method, path, status: None, device_token: *device_token, hint: None, content }
    }
}
