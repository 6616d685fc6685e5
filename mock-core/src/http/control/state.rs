//! `GET` and `PUT /__mock/state`: snapshot and restore. `POST /__mock/reset`: back to the start.

use http::StatusCode;

use super::error::ControlError;
use super::reply::{ControlResult, done};
use super::request::ControlRequest;
use crate::http::answer;
use crate::service::{RestoreError, Snapshot};

pub fn read(request: &ControlRequest) -> ControlResult {
    Ok(answer::json(StatusCode::OK, &request.controls()?.snapshot()?))
}

pub fn restore(request: &ControlRequest) -> ControlResult {
    let snapshot: Snapshot = request.large_json()?;
    request.controls()?.restore(snapshot).map_err(|error| match error {
        RestoreError::Seed => ControlError::conflict(error.to_string()),
        RestoreError::Version(_) | RestoreError::Scope(_) | RestoreError::Damaged(_) => {
            ControlError::bad_request(error.to_string())
        }
    })?;
    Ok(done())
}

pub fn reset(request: &ControlRequest) -> ControlResult {
    request.controls()?.reset()?;
    Ok(done())
}
