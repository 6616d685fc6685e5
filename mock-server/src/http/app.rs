//! The order of layers: what every request passes before a handler sees it, and every answer before it leaves.
//!
//! Outermost is the `Date` of the virtual clock, then CORS, so that errors carry it too, then the area of the path: the
//! contract's calls are found in its route table and spelled as it spells them, the control API is guarded, and what is
//! left may be a file of the page.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use tower::util::BoxCloneSyncService;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_http::cors::{AllowHeaders, AllowMethods, Any, CorsLayer};
use warp::Reply as _;
use warp::http::header::{DATE, HeaderValue};
use warp::http::{Method, Request, Uri};
use warp::reply::Response;

use super::error::ApiError;
use super::routing::{Resolution, resolve};
use super::{Route, calls, control, page};
use crate::service::UserService;

/// The largest body of a call \[F, P\].
const MAX_BODY_BYTES: usize = 1 << 20;

/// What a connection is served with; a clone serves the next one.
pub type App = BoxCloneSyncService<Request<Incoming>, Response, Infallible>;

/// The app of a service, with a folder of static files beside it where one is given.
#[must_use]
pub fn app(service: Arc<UserService>, page: Option<PathBuf>) -> App {
    let (calls, control) = (calls::routes(&service), control::routes(&service));
    let areas = Arc::new(Areas { service, calls, control, page: page.map(page::route) });
    // Any origin, the requested headers and methods mirrored, no credentials [P].
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_headers(AllowHeaders::mirror_request())
        .allow_methods(AllowMethods::mirror_request())
        .expose_headers(Any)
        .allow_private_network(true);
    let inner = {
        let areas = Arc::clone(&areas);
        service_fn(move |request| {
            let areas = Arc::clone(&areas);
            async move { Ok(areas.answer(request).await) }
        })
    };
    BoxCloneSyncService::new(cors.layer(inner).map_response(move |response| dated(response, &areas.service)))
}

/// The areas of the path, and the clock of the service.
struct Areas {
    service: Arc<UserService>,
    calls: Route,
    control: Route,
    page: Option<Route>,
}

impl Areas {
    async fn answer(&self, request: Request<Incoming>) -> Response {
        let path = request.uri().path();
        if is_below(control::PREFIX, path) {
            self.control(request).await
        } else if let Some(page) = self.page_for(&request) {
            routed(page, request.map(|_| Full::default())).await
        } else {
            self.call(request).await.unwrap_or_else(warp::Reply::into_response)
        }
    }

    fn page_for(&self, request: &Request<Incoming>) -> Option<&Route> {
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let elsewhere = !is_below(telematics_contract::paths::PREFIX, request.uri().path());
        self.page.as_ref().filter(|_| reads && elsewhere)
    }

    async fn call(&self, request: Request<Incoming>) -> Result<Response, ApiError> {
        let path = match resolve(request.method().as_str(), request.uri().path()) {
            Resolution::Found { path, .. } => path,
            Resolution::WrongMethod { allow } => return Err(ApiError::WrongMethod { allow }),
            Resolution::Unknown => return Err(ApiError::UnknownPath),
        };
        Ok(routed(&self.calls, spelled(whole(request).await?, &path)).await)
    }

    async fn control(&self, request: Request<Incoming>) -> Response {
        if let Err(error) = control::admit(request.uri(), request.headers()) {
            return error.into_response();
        }
        match whole(request).await {
            Ok(request) => routed(&self.control, request).await,
            Err(_) => control::ControlError::bad_request("the body is too large or broke off").into_response(),
        }
    }
}

/// Whether `path` is `prefix` or lies below it, in any letter case.
fn is_below(prefix: &str, path: &str) -> bool {
    let (Some(start), Some(rest)) = (path.get(..prefix.len()), path.get(prefix.len()..)) else { return false };
    start.eq_ignore_ascii_case(prefix) && (rest.is_empty() || rest.starts_with('/'))
}

/// The request with its whole body read.
async fn whole(request: Request<Incoming>) -> Result<Request<Full<Bytes>>, ApiError> {
    let (head, body) = request.into_parts();
    match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => Ok(Request::from_parts(head, Full::new(body.to_bytes()))),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::TooLarge),
        Err(_) => Err(ApiError::Unreadable),
    }
}

/// The request with its path spelled as the routes spell it.
fn spelled(mut request: Request<Full<Bytes>>, path: &str) -> Request<Full<Bytes>> {
    let spelled = match request.uri().query() {
        Some(query) => Uri::try_from(format!("{path}?{query}")),
        None => Uri::try_from(path),
    };
    if let Ok(uri) = spelled {
        *request.uri_mut() = uri;
    }
    request
}

/// The response with the time that tokens obey.
fn dated(mut response: Response, service: &UserService) -> Response {
    if let Ok(date) = HeaderValue::try_from(service.now().to_http()) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

/// Lets warp answer.
async fn routed(routes: &Route, request: Request<Full<Bytes>>) -> Response {
    let Ok(response) = warp::service(routes.clone()).oneshot(request).await;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_is_found_in_any_letter_case_and_only_whole() {
        assert!(is_below("/v1", "/V1/Registration"));
        assert!(is_below("/v1", "/v1"));
        assert!(!is_below("/v1", "/v10"));
        assert!(!is_below("/__mock", "/"));
        assert!(!is_below("/__mock", "/__möck/health"), "never in the middle of a character");
    }
}
