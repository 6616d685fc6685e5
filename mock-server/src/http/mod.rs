//! HTTP: the only folder that knows warp. It translates and decides nothing.
//!
//! A request's way: [`app`] finds the call in the contract's route table, reads the body and hands both to one file in
//! [`calls`] (or [`control`]), which calls one verb of the service and wraps what comes back. There is no way back up.

mod answer;
pub mod app;
mod arrival;
mod body;
mod calls;
mod clues;
mod control;
mod error;
pub mod exchange;
mod images;
mod json;
mod multipart;
mod offload;
mod page;
pub mod request;
mod routing;

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::Full;
use tower::ServiceExt as _;
use warp::Filter as _;
use warp::filters::BoxedFilter;
use warp::http::{Method, Request, Uri};
use warp::reply::Response;

use error::ApiError;

/// A route: whatever it answers, it answers with a whole response.
type Route = BoxedFilter<(Response,)>;

/// What a handler returns.
type Handled = Result<Response, ApiError>;

/// Joins routes: the first that matches answers, and `otherwise` where none does.
fn any_of(routes: impl IntoIterator<Item = Route>, otherwise: fn() -> Response) -> Route {
    let none = warp::any().and_then(|| async { Err(warp::reject::not_found()) }).boxed();
    let any = routes.into_iter().fold(none, |routes: Route, route| routes.or(route).unify().boxed());
    // Application errors never become rejections, so all that is left here is "no route".
    any.recover(move |_| async move { Ok::<_, Infallible>(otherwise()) }).unify().boxed()
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

/// Lets warp answer.
async fn routed(routes: &Route, request: Request<Full<Bytes>>) -> Response {
    let Ok(response) = warp::service(routes.clone()).oneshot(request).await;
    response
}

/// Matches a method; rejects as "no route", so that the other routes are tried.
fn method(wanted: Method) -> BoxedFilter<()> {
    warp::method()
        .and_then(move |method| {
            let fits = method == wanted;
            async move { if fits { Ok(()) } else { Err(warp::reject::not_found()) } }
        })
        .untuple_one()
        .boxed()
}

/// Matches a path of a route table, and extracts its parameter, which is the last segment; empty where there is none.
fn path(pattern: &'static str) -> BoxedFilter<(String,)> {
    let (literal, has_parameter) = match pattern.split_once("/{") {
        Some((literal, _)) => (literal, true),
        None => (pattern, false),
    };
    let segments = literal.split('/').filter(|segment| !segment.is_empty());
    let segments = segments.fold(warp::any().boxed(), |filter, segment| filter.and(warp::path(segment)).boxed());
    let parameter = if has_parameter { warp::path::param().boxed() } else { warp::any().map(String::new).boxed() };
    segments.and(parameter).and(warp::path::end()).boxed()
}
