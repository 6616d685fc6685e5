//! The static page: which files of its folder are served, and how. The only file that knows the file system of the page.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http_body_util::Full;
use hyper::http::request::Parts;
use hyper::{Request, StatusCode};
use tower::ServiceExt as _;
use warp::filters::BoxedFilter;
use warp::{Filter as _, Reply as _};

/// The files of a folder.
pub struct Page {
    folder: PathBuf,
    files: BoxedFilter<(warp::reply::Response,)>,
}

impl Page {
    /// The files of a folder. warp serves conditional requests, ranges and content types.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        let file = warp::fs::dir(folder.clone()).map(|file: warp::fs::File| file.into_response());
        let missing = warp::any().map(|| StatusCode::NOT_FOUND.into_response());
        Self { folder, files: file.or(missing).unify().boxed() }
    }

    /// The file at the path of a request, if the page has one.
    pub async fn file(&self, head: &Parts) -> Option<warp::reply::Response> {
        let (folder, path) = (self.folder.clone(), head.uri.path().to_owned());
        let is_served = tokio::task::spawn_blocking(move || is_file_of_page(&folder, &path)).await;
        if !is_served.is_ok_and(|served| served.unwrap_or(false)) {
            return None;
        }
        let request = Request::from_parts(head.clone(), Full::<Bytes>::default());
        let Ok(response) = warp::service(self.files.clone()).oneshot(request).await;
        (response.status() != StatusCode::NOT_FOUND).then_some(response)
    }
}

/// Whether the path leads to a file of the folder, or to a folder with an `index.html`. Names that begin with a dot, links that leave
/// the folder, and what is no file (opening a named pipe would wait for its writer) are not served.
fn is_file_of_page(folder: &Path, path: &str) -> io::Result<bool> {
    let Ok(path) = percent_encoding::percent_decode_str(path).decode_utf8() else { return Ok(false) };
    let names = || path.split('/').filter(|name| !name.is_empty());
    if names().any(|name| name.starts_with('.') || name.contains(['\\', '\0', ':'])) {
        return Ok(false);
    }
    let folder = fs::canonicalize(folder)?;
    let mut file = fs::canonicalize(names().fold(folder.clone(), |path, name| path.join(name)))?;
    if file.is_dir() {
        file = fs::canonicalize(file.join("index.html"))?;
    }
    Ok(file.starts_with(&folder) && fs::metadata(&file)?.is_file())
}
