//! Joining an instance, checking whether a user exists, and the user's picture.

use telematics_contract::Call;

use super::shape::{Answer, Shape, Table};
use super::{Operation, RelayedCall};
use crate::error::Error;
use crate::wire::{Body, Codec, Config, File, HttpRequest};

/// `POST /v1/Management/users/instances/change/{InviteCode}` \[C\].
pub struct JoinInstance {
    /// The invite code of the instance.
    pub invite_code: String,
}

impl Operation for JoinInstance {
    fn request(&self, config: &Config, _codec: &impl Codec) -> Result<HttpRequest, Error> {
        if self.invite_code.is_empty() {
            return Err(Error::invalid_argument("inviteCode", "must not be empty"));
        }
        Ok(config.request(Call::JoinInstance).with_path_parameter(&self.invite_code))
    }
}

impl RelayedCall for JoinInstance {
    const ANSWER: Answer = Answer::Object(JOINED_INSTANCE);
}

/// The fields of a [`JoinInstanceResponse`](telematics_contract::management::JoinInstanceResponse).
pub const JOINED_INSTANCE: Table = &[&[("InstanceName", Shape::TextOr(""))]];

/// `GET /v1/Check/UserExists` \[C\], with the parameters of the query: see [`USER_QUERY`].
pub struct UserExists(pub Vec<(&'static str, String)>);

impl Operation for UserExists {
    fn request(&self, config: &Config, _codec: &impl Codec) -> Result<HttpRequest, Error> {
        if self.0.is_empty() {
            return Err(Error::invalid_argument("query", "must contain at least one of email, phone and clientId"));
        }
        Ok(config.request(Call::UserExists).with_query(&self.0))
    }
}

impl RelayedCall for UserExists {
    const ANSWER: Answer = Answer::Object(USER_EXISTS);
}

/// The fields of a [`UserExistsQuery`](telematics_contract::management::UserExistsQuery).
pub const USER_QUERY: Table = &[&[("Phone", Shape::Text), ("Email", Shape::Text), ("ClientId", Shape::Text)]];

/// The fields of a [`UserExistsResponse`](telematics_contract::management::UserExistsResponse).
pub const USER_EXISTS: Table = &[&[
    ("UserExists", Shape::FlagOr(false)),
    ("FirstName", Shape::Text),
    ("LastName", Shape::Text),
    ("Nickname", Shape::Text),
    ("ImageUrl", Shape::Text),
]];

/// `POST /v1/Management/users/images/upload` \[C\].
pub struct UploadImage(pub File);

impl Operation for UploadImage {
    fn request(&self, config: &Config, _codec: &impl Codec) -> Result<HttpRequest, Error> {
        Ok(HttpRequest { body: Some(Body::File(self.0.clone())), ..config.request(Call::UploadImage) })
    }
}

impl RelayedCall for UploadImage {
    /// The address of the picture.
    const ANSWER: Answer = Answer::Text;
}
