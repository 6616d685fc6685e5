//! Registration of one user and of many.

use telematics_contract::Call;
use telematics_contract::auth::TokensResponse;
use telematics_contract::registration::{MAX_QUANTITY, RegisterManyRequest, RegisterRequest};

use super::{Operation, envelope};
use crate::engine::config::Config;
use crate::engine::http::HttpRequest;
use crate::engine::ports::Codec;
use crate::error::Error;

/// `POST /v1/Registration/Create` \[S\].
pub struct Register<'a>(pub &'a RegisterRequest);

impl Operation for Register<'_> {
    type Answer = TokensResponse;

    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error> {
        if config.instance_key.is_none() && self.0.instance_invite_code.is_none() {
            return Err(Error::invalid_argument("instanceInviteCode", "is needed by a client without instanceKey"));
        }
        config.request(Call::Register).with_instance(config).with_body(self.0, codec)
    }

    fn answer(&self, body: &str, codec: &impl Codec) -> Result<TokensResponse, Error> {
        known(envelope::result(body, codec)?)
    }
}

/// `POST /v1/Registration/CreateMultiple` \[S; path: P\].
pub struct RegisterMany<'a>(pub &'a RegisterManyRequest);

impl Operation for RegisterMany<'_> {
    type Answer = Vec<TokensResponse>;

    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error> {
        if config.instance_key.is_none() {
            return Err(Error::invalid_argument("instanceKey", "is needed to register many users"));
        }
        if !(1..=MAX_QUANTITY).contains(&self.0.quantity) {
            return Err(Error::invalid_argument("quantity", "must be a whole number from 1 to 10000"));
        }
        config.request(Call::RegisterMany).with_instance(config).with_body(self.0, codec)
    }

    fn answer(&self, body: &str, codec: &impl Codec) -> Result<Self::Answer, Error> {
        envelope::result::<Self::Answer>(body, codec)?.into_iter().map(known).collect()
    }
}

/// A user without a device token would be lost.
fn known(tokens: TokensResponse) -> Result<TokensResponse, Error> {
    if tokens.device_token.is_some() { Ok(tokens) } else { Err(Error::decode()) }
}
