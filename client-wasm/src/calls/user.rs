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
pub struct UpdateUser<T>(pub T);

impl<T: Serialize> Operation for UpdateUser<T> {
    type Answer = ();

    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error> {
        config.request(Call::UpdateUser).with_body(&self.0, codec)
    }

    /// There is nothing to return \[V\].
    fn answer<C: Codec>(_body: &str, _codec: &C) -> Result<(), Error> {
        Ok(())
    }
}
