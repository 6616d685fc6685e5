//! `POST`, `GET` and `DELETE /__mock/barriers`: requests are held until enough of them have arrived.

use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::reply::{ControlResult, created, done, removed};
use super::request::ControlRequest;
use crate::control::barriers::{Barrier, BarrierView, DEFAULT_TIMEOUT};
use crate::control::matching::RequestMatch;
use crate::http::answer;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewBarrierJson {
    #[serde(rename = "match")]
    matching: RequestMatch,
    parties: usize,
    timeout_ms: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BarrierJson {
    id: u64,
    parties: usize,
    waiting: usize,
    timeout_ms: u64,
}

pub fn add(request: &ControlRequest) -> ControlResult {
    let NewBarrierJson { matching, parties, timeout_ms } = request.json()?;
    let timeout = timeout_ms.map_or(DEFAULT_TIMEOUT, Duration::from_millis);
    Ok(created(request.controls()?.add_barrier(Barrier { matching, parties, timeout })?))
}

pub fn list(request: &ControlRequest) -> ControlResult {
    let barriers: Vec<BarrierJson> = request.controls()?.barriers().into_iter().map(Into::into).collect();
    Ok(answer::json(StatusCode::OK, &barriers))
}

pub fn clear(request: &ControlRequest) -> ControlResult {
    request.controls()?.clear_barriers();
    Ok(done())
}

pub fn remove(request: &ControlRequest) -> ControlResult {
    removed(request.controls()?.remove_barrier(request.id()?), "barrier")
}

impl From<BarrierView> for BarrierJson {
    fn from(BarrierView { id, parties, waiting, timeout }: BarrierView) -> Self {
        Self { id, parties, waiting, timeout_ms: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX) }
    }
}
