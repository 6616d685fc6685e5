//! `GET /images/{id}.{extension}`: uploaded pictures, with the content type that their bytes have.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, StatusCode};

use super::answer;
use super::body::Response;
use super::error::ApiError;
use crate::service::UserService;
use crate::service::ids::PictureId;
use crate::service::pictures::{Picture, PictureKind};

/// The path below which pictures are served.
pub const PREFIX: &str = "/images";

/// The URL of a picture on a server with this address.
pub fn url(base: &str, id: PictureId, kind: PictureKind) -> String {
    format!("{base}{PREFIX}/{id}.{}", kind.extension())
}

/// Answers a request for a picture.
pub fn answer(service: &UserService, method: &Method, path: &str) -> Response {
    let picture = if *method == Method::GET { find(service, path) } else { None };
    picture.map_or_else(|| ApiError::UnknownPath.into_response(), response)
}

fn find(service: &UserService, path: &str) -> Option<Picture> {
    let name = path.strip_prefix(PREFIX)?.strip_prefix('/')?;
    let (id, extension) = name.split_once('.')?;
    service.picture(id.parse().ok()?).filter(|picture| picture.kind.extension() == extension)
}

fn response(picture: Picture) -> Response {
    let mut response = answer::from_bytes(StatusCode::OK, picture.bytes);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(picture.kind.media_type()));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A picture never changes: a new one gets a new id.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}
