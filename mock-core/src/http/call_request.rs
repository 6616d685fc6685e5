//! The request of a call, as its handler reads it.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use telematics_contract::headers::{DEVICE_TOKEN, INSTANCE_ID, INSTANCE_KEY, USER_DEVICE_TOKEN};
use telematics_contract::{Call, Secret};

use super::body::BodyFault;
use super::error::ApiError;
use super::headers::bearer;
use super::multipart;
use super::parsed_body::ParsedBody;
use super::routing::Found;
use crate::json_tree::Json;
use crate::service::{InstanceHeaders, LoginHeaders, OpenedToken, PresentedCredentials, Refusal, RequestNumber};

/// The request of a call: the parameters of its path, its query, headers and body.
pub struct CallRequest {
    /// The request's number in the journal.
    pub number: Option<RequestNumber>,
    /// The call, and its path.
    pub found: Found<Call>,
    /// The head.
    pub head: Parts,
    /// The address that the request came from.
    pub client: Option<IpAddr>,
    /// The access token that the request is about, opened; `None` if it is absent or does not open.
    pub opened: Option<OpenedToken>,
    /// The body, or the reason why the host could not read it.
    pub body: Result<Bytes, BodyFault>,
    /// The body as JSON.
    pub json: ParsedBody,
}

// Headers and bodies carry secrets.
impl fmt::Debug for CallRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallRequest({:?})", self.found.call)
    }
}

impl CallRequest {
    /// The headers `InstanceId` and `InstanceKey`.
    pub fn instance(&self) -> InstanceHeaders {
        InstanceHeaders { id: self.header(INSTANCE_ID), key: self.header(INSTANCE_KEY) }
    }

    /// The headers of a login, and the address it comes from.
    pub fn login(&self) -> LoginHeaders {
        LoginHeaders { instance_id: self.header(INSTANCE_ID), address: self.client }
    }

    /// The user that an admin names in the header `UserDeviceToken` \[V\].
    pub fn named_user(&self) -> Option<String> {
        self.header(USER_DEVICE_TOKEN)
    }

    /// The parameter of the path with this name.
    ///
    /// # Errors
    ///
    /// `404`: it is not valid text.
    pub fn parameter(&self, name: &str) -> Result<String, ApiError> {
        let decoded = percent_decode_str(self.found.parameter(name)).decode_utf8();
        decoded.map(|text| text.into_owned()).map_err(|_| ApiError::UnknownPath)
    }

    /// The query, read like a JSON object of strings. An empty criterion counts as absent.
    ///
    /// # Errors
    ///
    /// `422`: a criterion is invalid.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let pairs = form_urlencoded::parse(self.head.uri.query().unwrap_or_default().as_bytes());
        let given = pairs.filter(|(_, value)| !value.trim().is_empty());
        let object = given.map(|(name, value)| (name.into_owned(), Json::String(value.into_owned()))).collect();
        Json::Object(object).read().map_err(|error| ApiError::Refused(Refusal::Invalid(error)))
    }

    /// The file in a field of a multipart body.
    ///
    /// # Errors
    ///
    /// `415`: the body is not multipart. `400`: it is malformed. `422`: it has no such field.
    pub async fn file(&self, field: &str) -> Result<Bytes, ApiError> {
        let content_type = self.header(CONTENT_TYPE.as_str()).ok_or(ApiError::NotMultipart)?;
        let body = self.body.clone().map_err(ApiError::from)?;
        multipart::file(&content_type, body, field).await
    }

    /// Checks that the body was read. A call that needs credentials checks them first \[F\].
    ///
    /// # Errors
    ///
    /// `413`: the body is too large. `400`: it broke off.
    pub fn check_body(&self) -> Result<(), ApiError> {
        self.body.as_ref().map(|_| ()).map_err(|fault| ApiError::from(*fault))
    }

    /// The JSON body.
    ///
    /// # Errors
    ///
    /// `415`: the content type is not that of JSON. `400`: the body is empty or malformed. `422`: a field is invalid.
    pub fn json<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        self.json_as(|json| json)
    }

    /// The JSON body after `change`, which gives it the form of the contract.
    ///
    /// # Errors
    ///
    /// Those of [`CallRequest::json`].
    pub fn json_as<T: DeserializeOwned>(self, change: impl FnOnce(Json) -> Json) -> Result<T, ApiError> {
        match self.json {
            ParsedBody::NotJson => Err(ApiError::UnsupportedMediaType),
            ParsedBody::Empty => Err(ApiError::EmptyBody),
            ParsedBody::Malformed => Err(ApiError::MalformedJson),
            ParsedBody::Json(json) => change(json).read().map_err(|error| ApiError::Refused(Refusal::Invalid(error))),
        }
    }

    /// The credentials of the caller.
    pub fn credentials(&self) -> PresentedCredentials {
        PresentedCredentials {
            opened: self.opened,
            access_token: access_token(&self.head.headers),
            device_token: self.header(DEVICE_TOKEN),
            instance: self.instance(),
        }
    }

    fn header(&self, name: &str) -> Option<String> {
        header(&self.head.headers, name)
    }
}

/// A header. An empty one counts as absent \[P\]. Bytes that are not text are replaced, so that they count as wrong and not
/// as absent.
fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(headers.get(name)?.as_bytes());
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The access token of `Authorization: Bearer …` (RFC 6750, section 2.1); `None` if the header is absent.
///
/// Another scheme gives an empty token, which is answered like any other malformed one.
fn access_token(headers: &HeaderMap) -> Option<Secret> {
    header(headers, AUTHORIZATION.as_str())?;
    Some(Secret::new(bearer(headers).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: &'static str, value: &[u8]) -> HeaderMap {
        [(name.parse().unwrap(), HeaderValue::from_bytes(value).unwrap())].into_iter().collect()
    }

    #[test]
    fn an_empty_header_counts_as_absent() {
        assert!(header(&headers("instanceid", b"  "), INSTANCE_ID).is_none());
        assert_eq!(header(&headers("instanceid", b" x "), INSTANCE_ID).as_deref(), Some("x"));
    }

    #[test]
    fn bytes_that_are_not_text_do_not_count_as_absent() {
        assert!(header(&headers("instanceid", b"\xff"), INSTANCE_ID).is_some());
    }

    #[test]
    fn the_scheme_bearer_is_read_in_any_letter_case_and_no_other_scheme_is() {
        let token = |value| access_token(&headers("authorization", value)).map(|token| token.expose().to_owned());
        assert_eq!(token(b"Bearer abc").as_deref(), Some("abc"));
        assert_eq!(token(b"bearer  abc").as_deref(), Some("abc"));
        assert_eq!(token(b"Basic abc").as_deref(), Some(""));
        assert_eq!(token(b"Bearer").as_deref(), Some(""));
        assert_eq!(token(b""), None);
    }
}
