//! `GET /__mock/health`: whether the server is ready.

use serde::Serialize;
use warp::Filter as _;
use warp::http::{Method, StatusCode};

use super::super::{Route, answer, method, path};

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
}

/// Answers as soon as the server listens.
pub fn route() -> Route {
    let health = || answer::json(StatusCode::OK, &Health { status: "ok", version: env!("CARGO_PKG_VERSION") });
    path("/__mock/health").and(method(Method::GET)).map(move |_parameter| health()).boxed()
}
