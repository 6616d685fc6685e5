//! `GET /__mock/health`: tells that the server is ready.

use http::StatusCode;
use serde::Serialize;

use crate::http::answer;
use crate::http::body::Response;

#[derive(Serialize)]
struct HealthJson {
    status: &'static str,
    version: &'static str,
}

pub fn read() -> Response {
    answer::json(StatusCode::OK, &HealthJson { status: "ok", version: env!("CARGO_PKG_VERSION") })
}
