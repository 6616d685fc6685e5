//! The configuration of a client.

use telematics_contract::{Access, Endpoint, Method, Secret, headers};

use super::http::HttpRequest;
use crate::error::Error;

/// The default time limit of one request, in milliseconds.
const DEFAULT_TIMEOUT_MS: u32 = 30_000;
/// The default time before its expiry at which an access token is renewed, in seconds.
const DEFAULT_REFRESH_MARGIN_SECONDS: u32 = 60;
/// The default number of times a repeatable request is sent again.
const DEFAULT_MAX_RETRIES: u32 = 2;

/// The address of the service and how the client uses it.
pub struct Config {
    /// The address of the service, without a slash at its end.
    pub base_url: String,
    /// The user group (instance).
    pub instance_id: String,
    /// The secret of the user group. A client without it is *keyless*.
    pub instance_key: Option<Secret>,
    /// The time limit of one request, in milliseconds.
    pub timeout_ms: u32,
    /// How long before its expiry an access token is renewed, in seconds; 0 renews it only after a 401.
    pub refresh_margin_seconds: u32,
    /// How many times a repeatable request is sent again after a failure of the network or a passing failure of the service.
    pub max_retries: u32,
    /// Whether a call without access token names the user by header, as in the legacy authentication.
    pub device_token_header: bool,
    /// The key of the session in the storage.
    pub storage_key: String,
}

impl Config {
    /// A configuration with the defaults.
    ///
    /// # Errors
    /// `invalid-argument`, with the name of the field.
    pub fn new(base_url: &str, instance_id: &str, instance_key: Option<&str>) -> Result<Self, Error> {
        let base_url = base_url.trim_end_matches('/');
        let rest = base_url.strip_prefix("https://").or_else(|| base_url.strip_prefix("http://"));
        if rest.is_none_or(|rest| rest.is_empty() || rest.contains(['?', '#', '@', ' '])) {
            return Err(Error::invalid_argument(
                "baseUrl",
                "must be an http(s) address without credentials, query or fragment",
            ));
        }
        for (field, value) in [("instanceId", Some(instance_id)), ("instanceKey", instance_key)] {
            if value.is_some_and(|value| !is_uuid(value)) {
                return Err(Error::invalid_argument(field, "must be a UUID"));
            }
        }
        Ok(Self {
            base_url: base_url.to_owned(),
            instance_id: instance_id.to_owned(),
            instance_key: instance_key.map(Secret::from),
            timeout_ms: DEFAULT_TIMEOUT_MS,
            refresh_margin_seconds: DEFAULT_REFRESH_MARGIN_SECONDS,
            max_retries: DEFAULT_MAX_RETRIES,
            device_token_header: false,
            storage_key: ["telematics-user:", base_url, ":", instance_id].concat(),
        })
    }

    /// The request of a call: with the headers of the instance if the call needs them, without access token and body. Callers pass
    /// constants, so that the download has only the paths that the client uses.
    #[must_use]
    pub fn request(&self, endpoint: Endpoint) -> HttpRequest {
        let request = self.request_to(endpoint.method, endpoint.path);
        match endpoint.access {
            Access::User | Access::Admin | Access::UserOrAdmin => HttpRequest { needs_access_token: true, ..request },
            Access::Instance => request.with_headers(self.instance_headers()),
            Access::Body => request,
        }
    }

    /// A request without access token, headers and body.
    #[must_use]
    pub fn request_to(&self, method: Method, path: &str) -> HttpRequest {
        HttpRequest {
            method,
            url: [&self.base_url, path].concat(),
            headers: Vec::new(),
            body: None,
            // The service may have executed a POST whose response was lost.
            is_repeatable: matches!(method, Method::Get | Method::Put),
            needs_access_token: false,
        }
    }

    /// The headers that identify the instance: its id, and its key if the client has one.
    #[must_use]
    pub fn instance_headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![(headers::INSTANCE_ID, self.instance_id.clone())];
        headers.extend(self.instance_key.as_ref().map(|key| (headers::INSTANCE_KEY, key.expose().to_owned())));
        headers
    }
}

/// Whether the text is a UUID, in any letter case.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use telematics_contract::Call;

    use super::*;
    use crate::error::ErrorCode;

    const ID: &str = "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10";

    #[test]
    fn slashes_at_the_end_of_the_address_are_ignored() {
        let config = Config::new("http://localhost:8080//", ID, None).unwrap();
        assert_eq!(config.request(Call::ReadUser.endpoint()).url, "http://localhost:8080/v1/Management/users");
    }

    #[test]
    fn an_error_contains_the_field_and_not_its_value() {
        let wrong = [
            ("ftp://host", ID, None, "baseUrl"),
            ("https://", ID, None, "baseUrl"),
            ("https://user:canary@host", ID, None, "baseUrl"),
            ("https://host?canary", ID, None, "baseUrl"),
            ("https://host", "canary", None, "instanceId"),
            ("https://host", ID, Some("canary"), "instanceKey"),
        ];
        for (url, id, key, field) in wrong {
            let error = Config::new(url, id, key).err().unwrap();
            assert_eq!(error.code, ErrorCode::InvalidArgument);
            assert!(error.message.starts_with(field), "{error:?}");
            assert!(!error.message.contains("canary"), "{error:?}");
        }
    }

    #[test]
    fn two_instances_do_not_share_a_storage_key() {
        let key = |id| Config::new("https://host", id, None).unwrap().storage_key;
        assert_ne!(key(ID), key("1b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10"));
    }
}
