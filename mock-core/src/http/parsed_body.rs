//! The body of a request as JSON.

use bytes::Bytes;
use http::HeaderMap;

use super::headers::media_type;
use super::json::Json;
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

    /// The device token of a login. `LoginFields` may be an object or the same object as JSON text \[C\].
    pub fn login_device_token(&self) -> Option<DeviceToken> {
        let Self::Json(json) = self else { return None };
        let fields = json.get("LoginFields")?;
        if let Json::String(text) = fields {
            return Json::parse(text.as_bytes())?.text("DeviceToken")?.parse().ok();
        }
        fields.text("DeviceToken")?.parse().ok()
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
