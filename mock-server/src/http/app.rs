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
use telematics_contract::{Call, Secret};
use tower::util::BoxCloneSyncService;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_http::cors::{AllowHeaders, AllowMethods, Any, CorsLayer};
use warp::Reply as _;
use warp::http::header::{DATE, HeaderValue};
use warp::http::{Method, Request, Uri};
use warp::reply::Response;

use super::error::ApiError;
use super::request::ClientAddress;
use super::routing::{Resolution, resolve};
use super::{Route, calls, control, images, page};
use crate::service::UserService;

/// The largest body of a call \[F, P\].
const MAX_BODY_BYTES: usize = 1 << 20;
/// The largest body of an upload \[F, P\].
const MAX_UPLOAD_BYTES: usize = 5 << 20;

/// What a connection is served with; a clone serves the next one.
pub type App = BoxCloneSyncService<Request<Incoming>, Response, Infallible>;

/// How a server is reached, and what it serves beside the API.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Where it is reached, without a slash at the end; pictures are served below it.
    pub base: String,
    /// Whether `X-Forwarded-For` says where a request comes from: only behind a proxy that sets it.
    pub trust_forwarded_for: bool,
    /// What control requests must send; without it only this machine may ask.
    pub control_token: Option<Secret>,
    /// A folder of static files.
    pub page: Option<PathBuf>,
}

/// The app of a service.
#[must_use]
pub fn app(service: Arc<UserService>, reach: Reach) -> App {
    let Reach { base, trust_forwarded_for, control_token, page } = reach;
    let areas = Arc::new(Areas {
        calls: calls::routes(&service, &base.into()),
        control: control::routes(&service),
        images: images::route(Arc::clone(&service)),
        page: page.map(page::route),
        trust_forwarded_for,
        control_token,
        service,
    });
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
    images: Route,
    page: Option<Route>,
    trust_forwarded_for: bool,
    control_token: Option<Secret>,
}

impl Areas {
    async fn answer(&self, mut request: Request<Incoming>) -> Response {
        self.note_address(&mut request);
        let path = request.uri().path();
        if is_below(control::PREFIX, path) {
            self.control(request).await
        } else if is_below(images::PREFIX, path) {
            routed(&self.images, request.map(|_| Full::default())).await
        } else if let Some(page) = self.page_for(&request) {
            routed(page, request.map(|_| Full::default())).await
        } else {
            self.call(request).await.unwrap_or_else(warp::Reply::into_response)
        }
    }

    /// Puts the address of the client beside the request: that of the connection, or that which a trusted proxy names.
    fn note_address(&self, request: &mut Request<Incoming>) {
        let forwarded = || {
            let header = request.headers().get("x-forwarded-for")?.to_str().ok()?;
            header.split(',').next()?.trim().parse().ok()
        };
        if let Some(address) = self.trust_forwarded_for.then(forwarded).flatten() {
            request.extensions_mut().insert(ClientAddress(address));
        }
    }

    fn page_for(&self, request: &Request<Incoming>) -> Option<&Route> {
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let elsewhere = !is_below(telematics_contract::paths::PREFIX, request.uri().path());
        self.page.as_ref().filter(|_| reads && elsewhere)
    }

    async fn call(&self, request: Request<Incoming>) -> Result<Response, ApiError> {
        let (call, path) = match resolve(request.method().as_str(), request.uri().path()) {
            Resolution::Found { call, path } => (call, path),
            Resolution::WrongMethod { allow } => return Err(ApiError::WrongMethod { allow }),
            Resolution::Unknown => return Err(ApiError::UnknownPath),
        };
        let limit = if call == Call::UploadImage { MAX_UPLOAD_BYTES } else { MAX_BODY_BYTES };
        Ok(routed(&self.calls, spelled(whole(request, limit).await?, &path)).await)
    }

    async fn control(&self, request: Request<Incoming>) -> Response {
        if let Err(error) = control::admit(self.control_token.as_ref(), request.uri(), request.headers()) {
            return error.into_response();
        }
        match whole(request, MAX_BODY_BYTES).await {
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
async fn whole(request: Request<Incoming>, limit: usize) -> Result<Request<Full<Bytes>>, ApiError> {
    let (head, body) = request.into_parts();
    match Limited::new(body, limit).collect().await {
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
