//! The user's own record.

use serde::Serialize;
use telematics_contract::Call;

use super::Operation;
use crate::engine::config::Config;
use crate::engine::http::HttpRequest;
use crate::engine::ports::Codec;
use crate::error::Error;

/// `GET /v1/Management/users` \[C\]; needs an access token.
pub struct ReadUser;

impl Operation for ReadUser {
    /// The envelope as it came: the record only passes through, see [`super::shape::USER_RECORD`].
    type Answer = String;

    fn request(&self, config: &Config, _codec: &impl Codec) -> Result<HttpRequest, Error> {
        Ok(config.request(Call::ReadUser))
    }

    fn answer<C: Codec>(body: &str, _codec: &C) -> Result<String, Error> {
        Ok(body.to_owned())
    }
}

/// `PUT /v1/Management/users` \[V\], with an [`UpdateUserRequest`](telematics_contract::user::UpdateUserRequest) or anything
/// that is written alike; needs an access token.
pub struct UpdateUser<T> {
    /// What is to be changed.
    pub changes: T,
    /// Whether the password is among it: what proved who asks proves it no more afterwards.
    pub has_password: bool,
}

impl<T: Serialize> Operation for UpdateUser<T> {
    type Answer = ();

    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error> {
        let mut request = config.request(Call::UpdateUser);
        request.is_repeatable &= !self.has_password;
        request.with_body(&self.changes, codec)
    }

    /// There is nothing to return \[V\].
    fn answer<C: Codec>(_body: &str, _codec: &C) -> Result<(), Error> {
        Ok(())
    }
}
