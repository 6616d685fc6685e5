//! Registration of one user and of many.
//!
//! The body is the request type of the contract or any value that serializes to the same JSON.

use serde::Serialize;
use telematics_contract::Call;
use telematics_contract::auth::TokensResponse;
use telematics_contract::registration::MAX_QUANTITY;

use super::shape::{Field, Shape, Table};
use super::user::{PROFILE, TELEMATICS, WRITTEN_GENDER, WRITTEN_TELEMATICS};
use super::{Operation, TokenCall};
use crate::error::Error;
use crate::wire::{Codec, Config, HttpRequest, envelope};

const CREATE_ACCESS_TOKEN: &[Field] = &[("CreateAccessToken", Shape::Flag)];

/// The fields of a [`RegisterRequest`](telematics_contract::registration::RegisterRequest).
pub const NEW_USER: Table = &[
    PROFILE,
    WRITTEN_GENDER,
    CREATE_ACCESS_TOKEN,
    TELEMATICS,
    &[("InstanceInviteCode", Shape::Text), ("CustomToken", Shape::Text), ("Password", Shape::Text)],
];

/// The fields of a [`RegisterManyRequest`](telematics_contract::registration::RegisterManyRequest).
pub const NEW_USERS: Table = &[
    CREATE_ACCESS_TOKEN,
    &[("Quantity", Shape::Quantity(MAX_QUANTITY)), ("CustomFields", Shape::Object(WRITTEN_TELEMATICS))],
];

/// `POST /v1/Registration/Create` \[S\].
pub struct Register<T> {
    /// The user: see [`NEW_USER`].
    pub user: T,
    /// Whether the user has an invite code. Such a registration needs no `InstanceKey`.
    pub is_invited: bool,
}

impl<T: Serialize> Operation for Register<T> {
    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error> {
        if config.instance_key.is_none() && !self.is_invited {
            return Err(Error::invalid_argument("instanceInviteCode", "is required without instanceKey"));
        }
        config.request(Call::Register).with_body(&self.user, codec)
    }
}

impl<T: Serialize> TokenCall for Register<T> {
    type Tokens = TokensResponse;

    fn answer<C: Codec>(body: &str, codec: &C) -> Result<TokensResponse, Error> {
        let user = envelope::result(body, codec)?;
        if has_device_token(&user) { Ok(user) } else { Err(Error::decode()) }
    }
}

/// `POST /v1/Registration/CreateMultiple` \[S; path: P\], with the batch: see [`NEW_USERS`].
pub struct RegisterMany<T>(pub T);

impl<T: Serialize> Operation for RegisterMany<T> {
    fn request(&self, config: &Config, codec: &impl Codec) -> Result<HttpRequest, Error> {
        if config.instance_key.is_none() {
            return Err(Error::invalid_argument("instanceKey", "is required to register many users"));
        }
        config.request(Call::RegisterMany).with_body(&self.0, codec)
    }
}

impl<T: Serialize> TokenCall for RegisterMany<T> {
    type Tokens = Vec<TokensResponse>;

    fn answer<C: Codec>(body: &str, codec: &C) -> Result<Self::Tokens, Error> {
        let users: Vec<TokensResponse> = envelope::result(body, codec)?;
        if users.iter().all(has_device_token) { Ok(users) } else { Err(Error::decode()) }
    }
}

/// A user whose device token is unknown could never sign in again.
fn has_device_token(user: &TokensResponse) -> bool {
    user.device_token.is_some()
}
