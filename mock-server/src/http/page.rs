//! A folder of static files beside the API, for a page that shows the service at work.

use std::path::PathBuf;

use warp::{Filter as _, Reply as _};

use super::error::ApiError;
use super::{Route, any_of};

/// Serves a folder: `index.html` at `/`, the rest by name.
pub fn route(folder: PathBuf) -> Route {
    let file = warp::fs::dir(folder).map(|file: warp::fs::File| file.into_response()).boxed();
    any_of([file], || ApiError::UnknownPath.into_response())
}
