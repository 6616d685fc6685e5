//! The user's own record.

use telematics_contract::Call;
use telematics_contract::user::{UpdateUserRequest, UserRecord};

use super::Operation;
use crate::engine::config::Config;
use crate::engine::http::HttpRequest;
use crate::engine::ports::Codec;
use crate::error::Error;

/// `GET /v1/Management/users` \[C\]; needs an access token.
pub struct ReadUser;

impl Operation for ReadUser {
    type Answer = UserRecord;

    fn request(&self, config: &Config, _codec: &impl Codec) -> Result<HttpRequest, Error> {
        Ok(config.request(Call::ReadUser))
    }
}

/// `PUT /v1/Management/users` \[V\]; needs an access token.
pub struct UpdateUser<'a>(pub &'a UpdateUserRequest);

impl Operation for UpdateUser<'_> {
    type Answer = ();

    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error> {
        config.request(Call::UpdateUser).with_body(self.0, codec)
    }

    /// There is nothing to return \[V\].
    fn answer(&self, _body: &str, _codec: &impl Codec) -> Result<(), Error> {
        Ok(())
    }
}
