//! The body of a request as JSON.

use std::borrow::Cow;

use bytes::Bytes;
use http::HeaderMap;
use telematics_contract::auth::LoginFields;

use super::headers::media_type;
use crate::json_tree::Json;
use crate::service::ids::DeviceToken;

/// The body of a request, parsed once for all who look at it.
#[derive(Debug)]
pub enum ParsedBody {
    /// The content type is not that of JSON, or there is none.
    NotJson,
    /// The body is empty or `null`.
    Empty,
    /// The body is not valid JSON.
    Malformed,
    /// The parsed body.
    Json(Json),
}

impl ParsedBody {
    /// Parses a body.
    pub fn parse(headers: &HeaderMap, body: &Bytes) -> Self {
        // ASP.NET Core skips the byte order mark of UTF-8 [F].
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        if !is_json(headers) {
            Self::NotJson
        } else if body.trim_ascii().is_empty() {
            Self::Empty
        } else {
            match Json::parse(body) {
                None => Self::Malformed,
                Some(Json::Null) => Self::Empty,
                Some(json) => Self::Json(json),
            }
        }
    }

    /// The text of a property, in any letter case; of several the last one counts.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self {
            Self::Json(json) => json.text(name),
            Self::NotJson | Self::Empty | Self::Malformed => None,
        }
    }

    /// Whether the body has a property, in any letter case.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Json(json) => json.get(name).is_some(),
            Self::NotJson | Self::Empty | Self::Malformed => false,
        }
    }

    /// Whether a property of the body is an array.
    pub fn has_array(&self, name: &str) -> bool {
        matches!(self, Self::Json(json) if matches!(json.get(name), Some(Json::Array(_))))
    }

    /// Whether the body is an object.
    pub const fn is_object(&self) -> bool {
        matches!(self, Self::Json(Json::Object(_)))
    }

    /// The device token of a login.
    pub fn login_device_token(&self) -> Option<DeviceToken> {
        self.login_fields()?.text(LoginFields::DEVICE_TOKEN)?.parse().ok()
    }

    /// Whether a login spells the name of the device token in another letter case than the vendor's service reads \[V\].
    pub fn has_misspelt_device_token(&self) -> bool {
        let fields = self.login_fields();
        fields.and_then(|fields| fields.name(LoginFields::DEVICE_TOKEN).map(|name| name != LoginFields::DEVICE_TOKEN))
            == Some(true)
    }

    /// The login fields of a login: an object, or the same object as JSON text \[C\].
    fn login_fields(&self) -> Option<Cow<'_, Json>> {
        let Self::Json(json) = self else { return None };
        let fields = json.get(LoginFields::NAME)?;
        if let Json::String(text) = fields {
            Json::parse(text.as_bytes()).map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(fields))
        }
    }
}

/// `application/json`, `text/json` or `application/*+json` \[V, C, F\].
fn is_json(headers: &HeaderMap) -> bool {
    let media_type = media_type(headers).to_ascii_lowercase();
    let suffixed = |rest: &str| rest.strip_suffix("+json").is_some_and(|name| !name.is_empty());
    matches!(media_type.as_str(), "application/json" | "text/json")
        || media_type.strip_prefix("application/").is_some_and(suffixed)
}

#[cfg(test)]
mod tests {
    use http::header::CONTENT_TYPE;

    use super::*;

    fn headers(content_type: &'static str) -> HeaderMap {
        [(CONTENT_TYPE, content_type.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn json_is_recognised_by_every_content_type_that_clients_send() {
        for good in
            ["application/json", "text/json", "application/json-patch+json; charset=utf-8", "Application/JSON;v=1"]
        {
            assert!(is_json(&headers(good)), "{good}");
        }
        for bad in ["text/plain", "application/+json", "multipart/form-data", "text/x+json", ""] {
            assert!(!is_json(&headers(bad)), "{bad}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }

    #[test]
    fn the_user_of_a_login_is_found_in_every_form_of_its_fields() {
        let user = DeviceToken::from_u128(7);
        for body in [
            format!(r#"{{"loginFields":{{"deviceToken":"{user}"}}}}"#),
            format!(r#"{{"LoginFields":"{{\"Devicetoken\":\"{user}\"}}"}}"#),
        ] {
            let parsed = ParsedBody::parse(&headers("application/json"), &Bytes::from(body));
            assert_eq!(parsed.login_device_token(), Some(user));
        }
    }
}
