//! The registration of one user.

use telematics_contract::Call;
use telematics_contract::auth::TokensResponse;

use super::{Operation, TokenCall};
use crate::error::Error;
use crate::wire::{Body, Codec, Config, HttpRequest};

/// `POST /v1/Registration/Create` \[S\].
pub struct Register {
    /// The user: a [`RegisterRequest`](telematics_contract::registration::RegisterRequest).
    pub user: Body,
    /// Whether the user has an invite code. Such a registration needs no `InstanceKey`.
    pub is_invited: bool,
}

impl Operation for Register {
    fn request(&self, config: &Config, _codec: &impl Codec) -> Result<HttpRequest, Error> {
        if config.instance_key.is_none() && !self.is_invited {
            return Err(Error::invalid_argument("instanceInviteCode", "is required without instanceKey"));
        }
        Ok(HttpRequest { body: Some(self.user.clone()), ..config.request(const { Call::Register.endpoint() }) })
    }
}

impl TokenCall for Register {
    /// A user whose device token is unknown could never sign in again. Only a registration may answer without an access token
    /// \[S, V\].
    fn is_complete(tokens: &TokensResponse) -> bool {
        tokens.device_token.is_some()
    }
}
