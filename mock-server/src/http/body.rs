//! Bodies: read whole, parsed once, and sent whole, slowly or broken off.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, LengthLimitError, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use warp::http::HeaderMap;
use warp::http::header::CONTENT_TYPE;

use super::error::ApiError;
use super::json::Json;
use crate::service::ids::DeviceToken;

/// Why a body breaks off.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body that goes over the wire.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// How many pieces a dribbled body comes in, at most.
const PIECES: usize = 20;

/// A body as the routes make it.
pub fn plain<B>(body: B) -> Body
where
    B: hyper::body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    body.map_err(Into::into).boxed_unsync()
}

/// A body that takes its time.
pub fn dribbled(bytes: Bytes, over: Duration) -> Body {
    let pieces = pieces(&bytes);
    let pause = over / u32::try_from(pieces.len().max(1)).unwrap_or(1);
    let slowly = stream::iter(pieces).then(move |piece| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, BoxError>(Frame::data(piece))
    });
    StreamBody::new(slowly).boxed_unsync()
}

/// A body that breaks off after `length` bytes, which take their time.
pub fn truncated(bytes: Bytes, length: usize, over: Duration) -> Body {
    let start = bytes.slice(..length.min(bytes.len()));
    let broken = stream::once(async {
        // The connection must have a chance to send what there is before the error ends it.
        tokio::time::sleep(Duration::from_millis(1)).await;
        Err::<Frame<Bytes>, BoxError>("a fault broke the body off".into())
    });
    if start.is_empty() {
        return StreamBody::new(broken).boxed_unsync();
    }
    let slowly = dribbled(start, over).into_data_stream().map(|piece| piece.map(Frame::data));
    StreamBody::new(slowly.chain(broken)).boxed_unsync()
}

fn pieces(bytes: &Bytes) -> Vec<Bytes> {
    let size = bytes.len().div_ceil(PIECES).max(1);
    (0..bytes.len()).step_by(size).map(|from| bytes.slice(from..(from + size).min(bytes.len()))).collect()
}

/// The whole body of a request.
///
/// # Errors
///
/// `413`: it is larger than `limit`. `400`: it broke off.
pub async fn whole(body: Incoming, limit: usize) -> Result<Bytes, ApiError> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::TooLarge),
        Err(_) => Err(ApiError::Unreadable),
    }
}

/// A body that was parsed, once for everybody who looks at it.
#[derive(Debug)]
pub enum ParsedBody {
    /// It is not JSON by its content type, or there is no content type.
    NotJson,
    /// There is none.
    Empty,
    /// It is no JSON.
    Malformed,
    /// It is JSON.
    Json(Json),
}

impl ParsedBody {
    /// Parses a body.
    pub fn of(headers: &HeaderMap, body: &Bytes) -> Self {
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

    /// The text of a property, in any letter case; the last one counts.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self {
            Self::Json(json) => json.text(name),
            Self::NotJson | Self::Empty | Self::Malformed => None,
        }
    }

    /// Whether there is such a property, in any letter case.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Json(json) => json.get(name).is_some(),
            Self::NotJson | Self::Empty | Self::Malformed => false,
        }
    }

    /// The device token of a login, whose fields may be an object or the object as text.
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
    let Some(content_type) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let suffixed = |rest: &str| rest.strip_suffix("+json").is_some_and(|name| !name.is_empty());
    matches!(essence.as_str(), "application/json" | "text/json")
        || essence.strip_prefix("application/").is_some_and(suffixed)
}

#[cfg(test)]
mod tests {
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
    fn the_user_of_a_login_is_seen_in_every_shape_of_its_fields() {
        let user = DeviceToken::from_u128(7);
        for body in [
            format!(r#"{{"loginFields":{{"deviceToken":"{user}"}}}}"#),
            format!(r#"{{"LoginFields":"{{\"Devicetoken\":\"{user}\"}}"}}"#),
        ] {
            let parsed = ParsedBody::of(&headers("application/json"), &Bytes::from(body));
            assert_eq!(parsed.login_device_token(), Some(user));
        }
    }

    #[test]
    fn a_dribbled_body_is_whole_in_the_end() {
        let bytes = Bytes::from(vec![7; 1234]);
        assert_eq!(pieces(&bytes).concat(), bytes);
        assert!(pieces(&bytes).len() <= PIECES);
        assert!(pieces(&Bytes::new()).is_empty());
    }
}
