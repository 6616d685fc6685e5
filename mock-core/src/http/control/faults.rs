//! `POST`, `GET` and `DELETE /__mock/faults`: failures on request.

use http::StatusCode;
use http::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::{ControlError, ControlRequest, ControlResult, created, done};
use crate::control::faults::{Fault, FaultEffect, FaultView, InvalidEffect};
use crate::control::matching::RequestMatch;
use crate::http::answer;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewFaultJson {
    #[serde(rename = "match")]
    matching: RequestMatch,
    times: Option<u32>,
    probability: Option<f64>,
    then: FaultEffect,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FaultJson {
    id: u64,
    instance_id: Option<String>,
    times: Option<u32>,
    probability: f64,
    fired: u32,
}

pub fn add(request: &ControlRequest) -> ControlResult {
    let NewFaultJson { matching, times, probability, then } = request.json()?;
    let controls = request.controls()?;
    let probability = probability.unwrap_or(1.0);
    if !(0.0..=1.0).contains(&probability) {
        return Err(ControlError::bad_field("probability", "must be a number from 0 to 1"));
    }
    if times == Some(0) {
        return Err(ControlError::bad_field("times", "must be at least 1; leave it out for every request"));
    }
    check_headers(&then)?;
    let fault = Fault { matching: unanswered(matching)?, times, probability, effect: then };
    Ok(created(controls.add_fault(fault)?))
}

pub fn list(request: &ControlRequest) -> ControlResult {
    let faults: Vec<FaultJson> = request.controls()?.faults().into_iter().map(Into::into).collect();
    Ok(answer::json(StatusCode::OK, &faults))
}

pub fn clear(request: &ControlRequest) -> ControlResult {
    request.controls()?.clear_faults();
    Ok(done())
}

pub fn remove(request: &ControlRequest) -> ControlResult {
    if request.controls()?.remove_fault(request.id()?) {
        Ok(done())
    } else {
        Err(ControlError::not_found("There is no fault with this id."))
    }
}

/// A match of requests that have not been answered yet, and so have no status.
///
/// # Errors
///
/// `400`: the match asks for a status.
pub fn unanswered(matching: RequestMatch) -> Result<RequestMatch, ControlError> {
    if matching.status.is_some() {
        return Err(ControlError::bad_field("match.status", "a request has no status before it is answered"));
    }
    Ok(matching)
}

fn check_headers(effect: &FaultEffect) -> Result<(), ControlError> {
    let is_valid = |(name, value): &(&String, &String)| {
        HeaderName::try_from(name.as_str()).is_ok() && HeaderValue::try_from(value.as_str()).is_ok()
    };
    match effect.headers.iter().find(|header| !is_valid(header)) {
        None => Ok(()),
        Some((name, _)) => Err(ControlError::bad_field(format!("then.headers.{name}"), "is not a valid HTTP header")),
    }
}

impl From<InvalidEffect> for ControlError {
    fn from(InvalidEffect { field, reason }: InvalidEffect) -> Self {
        let field = if field.is_empty() { "then".to_owned() } else { format!("then.{field}") };
        Self::bad_field(field, reason)
    }
}

impl From<FaultView> for FaultJson {
    fn from(FaultView { id, owner, fault, fired }: FaultView) -> Self {
        let Fault { times, probability, .. } = fault;
        Self { id, instance_id: owner.instance().map(|instance| instance.to_string()), times, probability, fired }
    }
}
