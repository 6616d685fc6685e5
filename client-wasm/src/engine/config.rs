//! What a client is told once.

use telematics_contract::{Call, Method, Secret};

use super::http::HttpRequest;
use crate::error::Error;

/// How long one request may take unless told otherwise, in milliseconds.
pub const DEFAULT_TIMEOUT_MS: u32 = 30_000;
/// How long before its expiry an access token is renewed unless told otherwise, in seconds.
pub const DEFAULT_REFRESH_MARGIN_SECONDS: u32 = 60;
/// How often a repeatable request is sent again unless told otherwise.
pub const DEFAULT_MAX_RETRIES: u32 = 2;

/// Where the service is, and how it is to be treated.
pub struct Config {
    /// Address of the service, without a slash at its end.
    pub base_url: String,
    /// The user group (instance).
    pub instance_id: String,
    /// The secret of that user group; without it a client is *keyless*.
    pub instance_key: Option<Secret>,
    /// How long one request may take, in milliseconds.
    pub timeout_ms: u32,
    /// How long before its expiry an access token is renewed, in seconds; 0: never before a 401.
    pub refresh_margin_seconds: u32,
    /// How often a repeatable request is sent again when the network or the service fails for a while.
    pub max_retries: u32,
    /// Whether a user without access token is named by header, as in the legacy authentication.
    pub device_token_header: bool,
    /// The key of the session in the storage.
    pub storage_key: String,
}

impl Config {
    /// A configuration with defaults for everything that has one.
    ///
    /// # Errors
    /// `invalid-argument`, naming the field.
    pub fn new(base_url: &str, instance_id: &str, instance_key: Option<&str>) -> Result<Self, Error> {
        let base_url = base_url.trim_end_matches('/');
        let rest = base_url.strip_prefix("https://").or_else(|| base_url.strip_prefix("http://"));
        if rest.is_none_or(|rest| rest.is_empty() || rest.contains(['?', '#', '@', ' '])) {
            return Err(Error::invalid_argument(
                "baseUrl",
                "must be an http(s) address without user, query and fragment",
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

    /// The request of a call, without headers and body.
    #[must_use]
    pub fn request(&self, call: Call) -> HttpRequest {
        let endpoint = call.endpoint();
        HttpRequest {
            method: endpoint.method,
            url: [&self.base_url, endpoint.path].concat(),
            headers: Vec::new(),
            body: None,
            // A POST that was answered by nobody may have been done all the same.
            is_repeatable: matches!(endpoint.method, Method::Get | Method::Put),
        }
    }
}

/// Whether that is a UUID, in any letter case.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    const ID: &str = "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10";

    #[test]
    fn slashes_at_the_end_of_the_address_do_not_count() {
        let config = Config::new("http://localhost:8080//", ID, None).unwrap();
        assert_eq!(config.request(Call::ReadUser).url, "http://localhost:8080/v1/Management/users");
    }

    #[test]
    fn an_error_names_the_field_and_shows_no_value() {
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
