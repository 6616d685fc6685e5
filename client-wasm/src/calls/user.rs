//! The record of the signed-in user.

use telematics_contract::Call;

use super::Operation;
use crate::error::Error;
use crate::wire::{Body, Codec, Config, HttpRequest};

/// `GET /v1/Management/users` \[C\].
pub struct ReadUser;

impl Operation for ReadUser {
    fn request(&self, config: &Config, _codec: &impl Codec) -> Result<HttpRequest, Error> {
        Ok(config.request(const { Call::ReadUser.endpoint() }))
    }
}

/// `PUT /v1/Management/users` \[V\].
pub struct UpdateUser {
    /// The changes: an [`UpdateUserRequest`](telematics_contract::user::UpdateUserRequest).
    pub changes: Body,
    /// Whether the password changes. Such a request is never repeated: the old password is wrong the second time.
    pub has_password: bool,
}

impl Operation for UpdateUser {
    fn request(&self, config: &Config, _codec: &impl Codec) -> Result<HttpRequest, Error> {
        let mut request = config.request(const { Call::UpdateUser.endpoint() });
        request.is_repeatable &= !self.has_password;
        request.body = Some(self.changes.clone());
        Ok(request)
    }
}
