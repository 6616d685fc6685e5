//! `GET /__mock/events`: the events of a scope, which the host sends as `text/event-stream`.

use super::reply::ControlResult;
use super::request::ControlRequest;
use crate::http::body::{Body, Response};

pub fn listen(request: &ControlRequest) -> ControlResult {
    Ok(Response::new(Body::Events(Box::new(request.controls()?.listen()))))
}
