//! `GET /__mock/health`: whether the server is ready.

use serde::Serialize;
use warp::Filter as _;
use warp::http::StatusCode;

use super::super::{Route, answer, segments};

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
}

/// Answers as soon as the server listens.
pub fn route() -> Route {
    let health = || answer::json(StatusCode::OK, &Health { status: "ok", version: env!("CARGO_PKG_VERSION") });
    segments("/__mock/health").and(warp::path::end()).and(warp::get()).map(health).boxed()
}
