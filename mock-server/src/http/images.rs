//! `GET /images/{id}`: uploaded pictures, served as what they are and nothing else.

use std::sync::Arc;

use warp::http::Method;
use warp::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use warp::reply::Response;
use warp::{Filter as _, Reply as _};

use super::error::ApiError;
use super::{Route, any_of, method, path};
use crate::service::UserService;
use crate::service::ids::PictureId;
use crate::service::pictures::{Picture, PictureKind};

/// Where uploaded pictures are served.
pub const PREFIX: &str = "/images";

/// The URL of a picture of a server that is reached at `base`.
pub fn url(base: &str, id: PictureId, kind: PictureKind) -> String {
    format!("{base}{PREFIX}/{id}.{}", kind.extension())
}

/// Serves uploaded pictures.
pub fn route(service: Arc<UserService>) -> Route {
    let picture = path("/images/{Picture}")
        .and(method(Method::GET))
        .map(move |name: String| shown(&service, &name).unwrap_or_else(|| ApiError::UnknownPath.into_response()))
        .boxed();
    any_of([picture], || ApiError::UnknownPath.into_response())
}

fn shown(service: &UserService, name: &str) -> Option<Response> {
    let (id, extension) = name.split_once('.')?;
    let Picture { kind, bytes } = service.picture(id.parse().ok()?)?;
    if extension != kind.extension() {
        return None;
    }
    let mut response = Response::new(bytes.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind.media_type()));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A picture never changes: another one has another id.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Some(response)
}
