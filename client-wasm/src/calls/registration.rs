//! Registration of one user and of many.
//!
//! What is registered may be of the contract's own type, or anything that is written alike.

use serde::Serialize;
use telematics_contract::Call;
use telematics_contract::auth::TokensResponse;

use super::{Operation, envelope};
use crate::engine::config::Config;
use crate::engine::http::HttpRequest;
use crate::engine::ports::Codec;
use crate::error::Error;

/// `POST /v1/Registration/Create` \[S\].
pub struct Register<T> {
    /// A [`RegisterRequest`](telematics_contract::registration::RegisterRequest).
    pub user: T,
    /// Whether the user has an invite code, and so needs no `InstanceKey`.
    pub is_invited: bool,
}

impl<T: Serialize> Operation for Register<T> {
    type Answer = TokensResponse;

    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error> {
        if config.instance_key.is_none() && !self.is_invited {
            return Err(Error::invalid_argument("instanceInviteCode", "is needed by a client without instanceKey"));
        }
        config.request(Call::Register).with_instance(config).with_body(&self.user, codec)
    }

    fn answer<C: Codec>(body: &str, codec: &C) -> Result<TokensResponse, Error> {
        let user = envelope::result(body, codec)?;
        if is_known(&user) { Ok(user) } else { Err(Error::decode()) }
    }
}

/// `POST /v1/Registration/CreateMultiple` \[S; path: P\], with a
/// [`RegisterManyRequest`](telematics_contract::registration::RegisterManyRequest).
pub struct RegisterMany<T>(pub T);

impl<T: Serialize> Operation for RegisterMany<T> {
    type Answer = Vec<TokensResponse>;

    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error> {
        if config.instance_key.is_none() {
            return Err(Error::invalid_argument("instanceKey", "is needed to register many users"));
        }
        config.request(Call::RegisterMany).with_instance(config).with_body(&self.0, codec)
    }

    fn answer<C: Codec>(body: &str, codec: &C) -> Result<Self::Answer, Error> {
        let users: Vec<TokensResponse> = envelope::result(body, codec)?;
        if users.iter().all(is_known) { Ok(users) } else { Err(Error::decode()) }
    }
}

/// A user without a device token would be lost.
fn is_known(user: &TokensResponse) -> bool {
    user.device_token.is_some()
}
