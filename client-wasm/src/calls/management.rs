//! Joining an instance, looking for somebody, and the user's picture.

use telematics_contract::Call;
use telematics_contract::management::UserExistsQuery;

use super::{Operation, envelope};
use crate::engine::config::Config;
use crate::engine::http::{Body, File, HttpRequest};
use crate::engine::ports::Codec;
use crate::error::Error;

/// `POST /v1/Management/users/instances/change/{InviteCode}` \[C\]; needs an access token.
pub struct JoinInstance {
    /// The code that invites into the instance.
    pub invite_code: String,
}

impl Operation for JoinInstance {
    /// The envelope as it came, see [`super::shape::JOINED`].
    type Answer = String;

    fn request(&self, config: &Config, _codec: &impl Codec) -> Result<HttpRequest, Error> {
        if self.invite_code.is_empty() {
            return Err(Error::invalid_argument("inviteCode", "must not be empty"));
        }
        let mut request = config.request(Call::JoinInstance);
        // The one parameter of the path stands at its end.
        let path = request.url.strip_suffix("{InviteCode}").unwrap_or_default();
        request.url = [path, &encoded(&self.invite_code)].concat();
        Ok(request)
    }

    fn answer<C: Codec>(body: &str, _codec: &C) -> Result<String, Error> {
        Ok(body.to_owned())
    }
}

/// `GET /v1/Check/UserExists` \[C\].
pub struct UserExists(pub UserExistsQuery);

impl Operation for UserExists {
    /// The envelope as it came, see [`super::shape::EXISTING`].
    type Answer = String;

    fn request(&self, config: &Config, _codec: &impl Codec) -> Result<HttpRequest, Error> {
        let UserExistsQuery { phone, email, client_id } = &self.0;
        let mut request = config.request(Call::UserExists).with_instance(config);
        let mut mark = "?";
        for (name, value) in [("Phone", phone), ("Email", email), ("ClientId", client_id)] {
            if let Some(value) = value {
                request.url = [&request.url, mark, name, "=", &encoded(value)].concat();
                mark = "&";
            }
        }
        if mark == "?" {
            return Err(Error::invalid_argument("query", "must hold at least one of email, phone and clientId"));
        }
        Ok(request)
    }

    fn answer<C: Codec>(body: &str, _codec: &C) -> Result<String, Error> {
        Ok(body.to_owned())
    }
}

/// `POST /v1/Management/users/images/upload` \[C\]; needs an access token.
pub struct UploadImage(pub File);

impl Operation for UploadImage {
    /// Where the picture is.
    type Answer = String;

    fn request(&self, config: &Config, _codec: &impl Codec) -> Result<HttpRequest, Error> {
        Ok(HttpRequest { body: Some(Body::File(self.0.clone())), ..config.request(Call::UploadImage) })
    }

    fn answer<C: Codec>(body: &str, codec: &C) -> Result<String, Error> {
        envelope::result(body, codec)
    }
}

/// A text as it may stand in a path and in a query: every byte but the unreserved ones of RFC 3986 as `%XX`.
fn encoded(text: &str) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or_default();
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_an_address_is_encoded() {
        assert_eq!(encoded("Az09-._~"), "Az09-._~");
        assert_eq!(encoded("a/b?c&d=e #+é"), "a%2Fb%3Fc%26d%3De%20%23%2B%C3%A9");
    }
}
