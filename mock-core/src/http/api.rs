//! The entrance: routes a request, answers it, and adds the headers that every answer has.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{DATE, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, Request};
use parking_lot::Mutex;
use telematics_contract::{Call, Secret};

use super::addresses::{Addresses, PublicUrl};
use super::answer::Answer;
use super::authority::HostName;
use super::body::{BodyFault, Response};
use super::context::Context;
use super::control::{self, ControlCall, ControlError, ControlRequest, Guard};
use super::error::ApiError;
use super::fault_effect::ChangedHeaders;
use super::received::ReceivedRequest;
use super::routing::{Found, Resolution, is_below, resolve};
use super::{cors, exchange, images};
use crate::mock::Mock;
use crate::runtime::Runtime;
use crate::service::Scope;

/// The largest body of a call, in bytes \[F, P\].
pub const MAX_CALL_BYTES: usize = 1 << 20;
/// The largest body of an upload, in bytes \[F, P\].
pub const MAX_UPLOAD_BYTES: usize = 5 << 20;

/// How the mock is reached over HTTP.
#[derive(Clone, Debug, Default)]
pub struct ApiOptions {
    /// The address that the server listens on, without a slash at the end. URLs in answers have the host of the request; those for a
    /// request without a valid host are below this address.
    pub base_url: String,
    /// The address of the server as clients reach it, which beats the host of the request.
    pub public_url: Option<PublicUrl>,
    /// Whether `X-Forwarded-For` names the client, and `X-Forwarded-Host` and `X-Forwarded-Proto` the address that it uses: only behind a
    /// proxy that sets them.
    pub trust_forwarded: bool,
    /// The token that control requests must send; without it only programs and pages of this machine may use the control API.
    pub control_token: Option<Secret>,
    /// The hosts that the control API accepts beside the loopback ones if there is no token.
    pub allowed_hosts: Vec<HostName>,
    /// Whether only the program that runs the mock can send requests to it, because nothing listens. The control API then accepts each.
    pub is_private: bool,
}

/// The mock over HTTP.
///
/// ```
/// use std::sync::Arc;
/// use bytes::Bytes;
/// use http::Request;
/// use telematics_mock_core::http::{Api, ApiOptions};
/// # use telematics_mock_core::mock::{Mock, MockStart};
/// # use telematics_mock_core::runtime::{BoxFuture, Runtime};
/// # use telematics_mock_core::service::{clock::FixedTime, random::Seed, time::Timestamp, Settings};
/// # struct Nothing;
/// # impl Runtime for Nothing {
/// #     fn sleep(&self, _: std::time::Duration) -> BoxFuture<()> { Box::pin(async {}) }
/// #     fn offload(&self, work: Box<dyn FnOnce() + Send>) { work() }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let start = MockStart {
/// #     settings: Settings::default(),
/// #     seed: Seed::from_number(1),
/// #     time: Box::new(FixedTime(Timestamp::EPOCH)),
/// #     clock: None,
/// #     journal_size: 10,
/// #     initial_data: Default::default(),
/// # };
/// # let mock = Mock::start(start, Arc::new(Nothing)).unwrap();
/// let api = Api::new(mock, ApiOptions { base_url: "http://localhost:4600".to_owned(), ..ApiOptions::default() });
/// let request = Request::get("/v1/Management/users").body(Bytes::new()).unwrap();
/// let answer = api.handle(request, None).await.expect("no fault closes the connection");
/// assert_eq!(answer.status(), 401);
/// # }
/// ```
pub struct Api {
    context: Context,
    trust_forwarded_for: bool,
    guard: Guard,
    date: LastDate,
}

/// The route of a request. Routing happens once.
#[derive(Debug)]
pub struct Route(Area);

#[derive(Debug)]
enum Area {
    Preflight,
    Control(Resolution<ControlCall>),
    /// A control request that the guard refuses.
    Refused(ControlError),
    Picture,
    /// The path `/`, which a person opens in a browser.
    Root,
    Call(Resolution<Call>),
}

impl Route {
    /// The largest body that the request may have, in bytes. A host that reads more than this hands over
    /// [`BodyFault::TooLarge`].
    #[must_use]
    pub fn max_body_bytes(&self) -> usize {
        match &self.0 {
            Area::Control(Resolution::Found(found)) if found.call.is_write() => control::MAX_BODY_BYTES,
            Area::Call(resolution) => match resolution.call() {
                Some(Call::UploadImage) => MAX_UPLOAD_BYTES,
                Some(_) => MAX_CALL_BYTES,
                None => 0,
            },
            Area::Preflight | Area::Picture | Area::Root | Area::Control(_) | Area::Refused(_) => 0,
        }
    }
}

impl Api {
    /// The HTTP semantics of a mock.
    #[must_use]
    pub fn new(mock: Arc<Mock>, options: ApiOptions) -> Self {
        let ApiOptions { base_url, public_url, trust_forwarded, control_token, allowed_hosts, is_private } = options;
        let addresses = Addresses { fallback: base_url.into(), public_url, trust_forwarded };
        let guard = Guard { token: control_token, allowed_hosts, is_private };
        let context = Context { mock, addresses };
        Self { context, trust_forwarded_for: trust_forwarded, guard, date: LastDate::default() }
    }

    /// The platform that the mock runs on.
    #[must_use]
    pub fn runtime(&self) -> &dyn Runtime {
        &*self.context.mock.runtime
    }

    /// Finds what a request is for.
    #[must_use]
    pub fn route(&self, head: &Parts) -> Route {
        let (method, path) = (head.method.as_str(), head.uri.path());
        Route(if cors::is_preflight(head) {
            Area::Preflight
        } else if is_below(control::PREFIX, path) {
            self.control_area(head, control::resolve(method, path))
        } else if images::is_picture(path) {
            Area::Picture
        } else if path == "/" && matches!(method, "GET" | "HEAD") {
            Area::Root
        } else {
            Area::Call(resolve(method, path))
        })
    }

    /// Answers a request that was routed. `peer` is the address of the connection.
    ///
    /// # Errors
    ///
    /// [`super::Closed`]: a fault closes the connection without an answer.
    pub async fn answer(
        &self,
        route: Route,
        head: Parts,
        body: Result<Bytes, BodyFault>,
        peer: Option<IpAddr>,
    ) -> Answer {
        let (scope, answer) = match route.0 {
            // The clock of the answer is the server's; the browser does not show it to the page.
            Area::Preflight => return Ok(self.with_date(Scope::Server, cors::preflight(&head))),
            Area::Control(resolution) => (Scope::Server, Ok(self.control(&resolution, head, body).await)),
            Area::Refused(error) => (Scope::Server, Ok(error.into_response())),
            Area::Picture => {
                let service = self.context.service();
                (Scope::Server, Ok(images::answer(service, &head)))
            }
            Area::Root => (Scope::Server, Ok(ApiError::Root.into_response())),
            Area::Call(resolution) => {
                let client = self.client(&head.headers, peer);
                exchange::answer(&self.context, ReceivedRequest::new(head, client, resolution, body)).await
            }
        };
        let mut response = self.with_date(scope, answer?);
        cors::allow(response.headers_mut());
        if let Some(changed) = response.extensions_mut().remove::<ChangedHeaders>() {
            changed.apply(response.headers_mut());
        }
        Ok(response)
    }

    /// Routes and answers a request whose body has been read.
    ///
    /// # Errors
    ///
    /// [`super::Closed`]: a fault closes the connection without an answer.
    pub async fn handle(&self, request: Request<Bytes>, peer: Option<IpAddr>) -> Answer {
        let (head, body) = request.into_parts();
        let route = self.route(&head);
        let body = if body.len() > route.max_body_bytes() { Err(BodyFault::TooLarge) } else { Ok(body) };
        self.answer(route, head, body, peer).await
    }

    /// Whether a host with static files may serve one of them for a request: the path is not the mock's.
    #[must_use]
    pub fn is_for_page(&self, route: &Route, head: &Parts) -> bool {
        let path = head.uri.path();
        matches!(head.method, Method::GET | Method::HEAD)
            && match route.0 {
                Area::Root => true,
                Area::Call(Resolution::Unknown) => !is_below(telematics_contract::paths::PREFIX, path),
                // The page may have a folder of this name.
                Area::Picture => !images::exists(self.context.service(), path),
                Area::Call(_) | Area::Preflight | Area::Control(_) | Area::Refused(_) => false,
            }
    }

    /// Refuses a request for a static file that was not sent to a name of this machine; `None` if it is admitted. A web page of another
    /// host that points its own name to this machine must not read the files.
    #[must_use]
    pub fn refuse_page(&self, head: &Parts) -> Option<Response> {
        let error = self.guard.check_host("The page", &head.uri, &head.headers).err()?;
        Some(self.with_date(Scope::Server, error.into_response()))
    }

    /// Adds the date to an answer that the host has made, such as a static file.
    pub fn finish(&self, headers: &mut HeaderMap) {
        self.set_date(Scope::Server, headers);
    }

    /// Checks a control request before its body is read: the guard first, then the content type of a write.
    fn control_area(&self, head: &Parts, resolution: Resolution<ControlCall>) -> Area {
        let call = resolution.call();
        let is_open = call.is_some_and(ControlCall::is_open);
        let is_write = call.is_some_and(ControlCall::is_write);
        let admitted = self
            .guard
            .admit(is_open, &head.uri, &head.headers)
            .and_then(|()| if is_write { control::check_content_type(&head.headers) } else { Ok(()) });
        match admitted {
            Ok(()) => Area::Control(resolution),
            Err(error) => Area::Refused(error),
        }
    }

    async fn control(
        &self,
        resolution: &Resolution<ControlCall>,
        head: Parts,
        body: Result<Bytes, BodyFault>,
    ) -> Response {
        let body = match body {
            Ok(body) => body,
            // Only a write has a body that counts.
            Err(_) if !resolution.call().is_some_and(ControlCall::is_write) => Bytes::new(),
            Err(BodyFault::TooSlow) => return ControlError::too_slow().into_response(),
            Err(BodyFault::TooLarge | BodyFault::BrokenOff) => {
                let error = "The body is too large, or the connection ended before it did.";
                return ControlError::bad_request(error).into_response();
            }
        };
        let parameter = resolution.found().map(Found::first_parameter).unwrap_or_default();
        let request = ControlRequest::new(Arc::clone(&self.context.mock), parameter, head, body);
        control::handle(self.runtime(), resolution.call(), request).await
    }

    /// The address of the client: the one that a trusted proxy names, otherwise that of the connection. The proxy appends the address,
    /// so the last one counts; the client can have sent the others.
    fn client(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Option<IpAddr> {
        let last = || headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?.rsplit(',').next();
        let forwarded = || last()?.trim().parse().ok();
        if self.trust_forwarded_for { forwarded().or(peer) } else { peer }
    }

    fn with_date(&self, scope: Scope, mut response: Response) -> Response {
        self.set_date(scope, response.headers_mut());
        response
    }

    /// The time of the clock that the tokens of the scope obey.
    fn set_date(&self, scope: Scope, headers: &mut HeaderMap) {
        if let Some(date) = self.date.header(self.context.service().now(scope)) {
            headers.insert(DATE, date);
        }
    }
}

/// The last value of the header `Date`, because most answers of a second have the same.
#[derive(Default)]
struct LastDate(Mutex<Option<(i64, HeaderValue)>>);

impl LastDate {
    fn header(&self, now: crate::service::time::Timestamp) -> Option<HeaderValue> {
        let second = now.seconds();
        let mut last = self.0.lock();
        if let Some((known, date)) = &*last
            && *known == second
        {
            return Some(date.clone());
        }
        let date = HeaderValue::try_from(now.to_http()).ok()?;
        *last = Some((second, date.clone()));
        Some(date)
    }
}
