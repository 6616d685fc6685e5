//! `GET`, `POST` and `DELETE /__mock/clock`: the virtual clock.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::error::ControlError;
use super::reply::ControlResult;
use super::request::ControlRequest;
use crate::http::answer;
use crate::http::body::Response;
use crate::service::{ClockChange, ClockReading, ExpiredCount};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClockChangeJson {
    advance: Option<String>,
    set: Option<String>,
    freeze: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClockJson {
    now: String,
    frozen: bool,
    expired: ExpiredJson,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExpiredJson {
    access_tokens: usize,
    refresh_tokens: usize,
}

pub fn read(request: &ControlRequest) -> ControlResult {
    Ok(clock(request.controls()?.clock().read(), ExpiredCount::default()))
}

pub fn change(request: &ControlRequest) -> ControlResult {
    let (field, change) = wanted(request.json()?)?;
    apply(request, field, change)
}

pub fn reset(request: &ControlRequest) -> ControlResult {
    apply(request, "now", ClockChange::Reset)
}

fn wanted(
    ClockChangeJson { advance, set, freeze }: ClockChangeJson,
) -> Result<(&'static str, ClockChange), ControlError> {
    match (advance, set, freeze) {
        (Some(period), None, None) => {
            Ok(("advance", ClockChange::Advance(period.parse().map_err(ControlError::time("advance"))?)))
        }
        (None, Some(time), None) => Ok(("set", ClockChange::Set(time.parse().map_err(ControlError::time("set"))?))),
        (None, None, Some(true)) => Ok(("freeze", ClockChange::Freeze)),
        (None, None, Some(false)) => {
            Err(ControlError::bad_field("freeze", "must be true; DELETE /__mock/clock lets the clock run again"))
        }
        (None, None, None) | (Some(_), _, _) | (_, Some(_), _) => {
            Err(ControlError::bad_request("The body must contain exactly one of advance, set and freeze."))
        }
    }
}

fn apply(request: &ControlRequest, field: &str, change: ClockChange) -> ControlResult {
    let changed = request.controls()?.clock().change(change).map_err(ControlError::time(field))?;
    Ok(clock(changed.reading, changed.expired))
}

fn clock(reading: ClockReading, expired: ExpiredCount) -> Response {
    let ClockReading { now, frozen } = reading;
    let ExpiredCount { access_tokens, refresh_tokens } = expired;
    let expired = ExpiredJson { access_tokens, refresh_tokens };
    answer::json(StatusCode::OK, &ClockJson { now: now.to_string(), frozen, expired })
}
