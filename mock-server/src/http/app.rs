//! The order of layers: what every request passes before a handler sees it, and every answer before it leaves.
//!
//! Outermost is the `Date` of the virtual clock, then CORS, so that errors carry it too, then the area of the path: the
//! contract's calls ([`super::exchange`]), the control API, which is guarded, uploaded pictures, and what is left may be a
//! file of the page.

use std::path::PathBuf;
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::Incoming;
use telematics_contract::Secret;
use tower::util::BoxCloneSyncService;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_http::cors::{AllowHeaders, AllowMethods, Any, CorsLayer};
use warp::Reply as _;
use warp::http::header::{DATE, HeaderValue};
use warp::http::{Method, Request};
use warp::reply::Response;

use super::body::{plain, whole};
use super::control::{self, ControlError, Plane};
use super::exchange::{Closed, Exchanges, Sent};
use super::request::ClientAddress;
use super::{Route, calls, images, page, routed};
use crate::control::Control;
use crate::service::UserService;
use crate::service::ids::InstanceId;

/// The largest body of a control call: a snapshot of many users.
const MAX_CONTROL_BYTES: usize = 1 << 30;

/// What a connection is served with; a clone serves the next one.
pub type App = BoxCloneSyncService<Request<Incoming>, Sent, Closed>;

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

/// The app of a service and its control plane.
#[must_use]
pub fn app(service: Arc<UserService>, control: Arc<Control>, reach: Reach) -> App {
    let Reach { base, trust_forwarded_for, control_token, page } = reach;
    let calls = calls::routes(&service, &base.into());
    let plane = Arc::new(Plane { service: Arc::clone(&service), control: Arc::clone(&control) });
    let areas = Arc::new(Areas {
        control: control::routes(&plane),
        images: images::route(Arc::clone(&service)),
        page: page.map(page::route),
        exchanges: Exchanges { service: Arc::clone(&service), control, calls },
        trust_forwarded_for,
        control_token,
    });
    // Any origin, the requested headers and methods mirrored, no credentials [P].
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_headers(AllowHeaders::mirror_request())
        .allow_methods(AllowMethods::mirror_request())
        .expose_headers(Any)
        .allow_private_network(true);
    let inner = service_fn(move |request| {
        let areas = Arc::clone(&areas);
        async move { areas.answer(request).await }
    });
    BoxCloneSyncService::new(cors.layer(inner).map_response(move |response| dated(response, &service)))
}

/// The areas of the path.
struct Areas {
    exchanges: Exchanges,
    control: Route,
    images: Route,
    page: Option<Route>,
    trust_forwarded_for: bool,
    control_token: Option<Secret>,
}

/// Whose clock the answer shows; put beside it where it is not the server's.
#[derive(Clone, Copy)]
struct ClockOf(InstanceId);

impl Areas {
    async fn answer(&self, mut request: Request<Incoming>) -> Result<Sent, Closed> {
        self.note_address(&mut request);
        let path = request.uri().path();
        if is_below(control::PREFIX, path) {
            return Ok(self.control(request).await.map(plain));
        }
        if is_below(images::PREFIX, path) {
            return Ok(routed(&self.images, request.map(|_| Full::default())).await.map(plain));
        }
        if let Some(page) = self.page_for(&request) {
            return Ok(routed(page, request.map(|_| Full::default())).await.map(plain));
        }
        let (instance, answer) = self.exchanges.answer(request).await;
        let mut answer = answer?;
        if let Some(instance) = instance {
            answer.extensions_mut().insert(ClockOf(instance));
        }
        Ok(answer)
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

    async fn control(&self, request: Request<Incoming>) -> Response {
        if let Err(error) = control::admit(self.control_token.as_ref(), request.uri(), request.headers()) {
            return error.into_response();
        }
        let (head, body) = request.into_parts();
        match whole(body, MAX_CONTROL_BYTES).await {
            Ok(body) => routed(&self.control, Request::from_parts(head, Full::new(body))).await,
            Err(_) => ControlError::bad_request("the body is too large or broke off").into_response(),
        }
    }
}

/// Whether `path` is `prefix` or lies below it, in any letter case.
fn is_below(prefix: &str, path: &str) -> bool {
    let (Some(start), Some(rest)) = (path.get(..prefix.len()), path.get(prefix.len()..)) else { return false };
    start.eq_ignore_ascii_case(prefix) && (rest.is_empty() || rest.starts_with('/'))
}

/// The response with the time that tokens obey.
fn dated(mut response: Sent, service: &UserService) -> Sent {
    let of = response.extensions().get::<ClockOf>().map(|ClockOf(instance)| *instance);
    if let Ok(date) = HeaderValue::try_from(service.now(of).to_http()) {
        response.headers_mut().insert(DATE, date);
    }
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
