//! `GET /images/{id}.{extension}`: uploaded pictures, with the content type that their bytes have; and the default picture.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};

use super::answer;
use super::body::Response;
use super::error::ApiError;
use super::routing::is_below;
use crate::service::UserService;
use crate::service::ids::PictureId;
use crate::service::pictures::{Picture, PictureKind};

/// The path below which pictures are served.
const PREFIX: &str = "/images";

/// The path of the picture of users who have none \[V\]. The picture itself is our own.
pub const DEFAULT_PATH: &str = "/Files/DefaultImages/ic_no_avatar_white.png";

/// Whether a path is that of a picture.
pub fn is_picture(path: &str) -> bool {
    is_below(PREFIX, path) || path.eq_ignore_ascii_case(DEFAULT_PATH)
}

/// The path of a picture. A user's record contains it, so that each client gets a URL with the host that it uses.
pub fn path(id: PictureId, kind: PictureKind) -> String {
    format!("{PREFIX}/{id}.{}", kind.extension())
}

/// Whether a text is the path of an uploaded picture, or of the default one.
pub fn is_path(text: &str) -> bool {
    text == DEFAULT_PATH || parse(text).is_some()
}

/// Answers a request for a picture.
pub fn answer(service: &UserService, head: &Parts) -> Response {
    let picture = if matches!(head.method, Method::GET | Method::HEAD) { find(service, head.uri.path()) } else { None };
    let known = head.headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
    picture.map_or_else(|| ApiError::UnknownPath.into_response(), |picture| response(picture, known))
}

/// Whether the server has a picture with this path.
pub fn exists(service: &UserService, path: &str) -> bool {
    find(service, path).is_some()
}

fn find(service: &UserService, path: &str) -> Option<Picture> {
    if path.eq_ignore_ascii_case(DEFAULT_PATH) {
        let bytes = Bytes::from_static(include_bytes!("no_avatar.png"));
        return Some(Picture { kind: PictureKind::Png, bytes });
    }
    let (id, extension) = parse(path)?;
    service.picture(id).filter(|picture| picture.kind.extension() == extension)
}

/// The id and the extension in the path of a picture.
fn parse(path: &str) -> Option<(PictureId, &str)> {
    let name = path.strip_prefix(PREFIX)?.strip_prefix('/')?;
    let (id, extension) = name.split_once('.')?;
    Some((id.parse().ok()?, extension))
}

/// The picture, or `304` if it is among the `known` ones of the browser (RFC 9110, section 13.1.2).
fn response(picture: Picture, known: &str) -> Response {
    let tag = format!("\"{:016x}\"", picture.hash());
    let is_known = known.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag);
    let mut response = if is_known {
        answer::from_bytes(StatusCode::NOT_MODIFIED, Bytes::new())
    } else {
        answer::from_bytes(StatusCode::OK, picture.bytes)
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(picture.kind.media_type()));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // With a seed, a reset repeats the ids, so another picture can have the same URL afterwards.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
    response
}
