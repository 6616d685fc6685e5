//! `POST`, `GET` and `DELETE /__mock/faults`: failures on request; `POST /__mock/faults/{id}/release`: lets held requests go on.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::reply::{ControlResult, created, done, removed};
use super::request::ControlRequest;
use crate::control::faults::{Fault, FaultEffect, FaultView};
use crate::control::matching::RequestMatch;
use crate::control::redaction::redacted;
use crate::http::answer;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewFaultJson {
    #[serde(rename = "match")]
    matching: RequestMatch,
    after: Option<u32>,
    times: Option<u32>,
    probability: Option<f64>,
    then: FaultEffect,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FaultJson {
    id: u64,
    instance_id: Option<String>,
    #[serde(rename = "match")]
    matching: Value,
    after: u32,
    times: Option<u32>,
    probability: f64,
    then: Value,
    fired: u32,
    held: usize,
}

#[derive(Serialize)]
struct ReleasedJson {
    released: usize,
}

pub fn add(request: &ControlRequest) -> ControlResult {
    let NewFaultJson { matching, after, times, probability, then } = request.json()?;
    let controls = request.controls()?;
    let (after, probability) = (after.unwrap_or(0), probability.unwrap_or(1.0));
    let fault = Fault { matching, after, times, probability, effect: then };
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
    removed(request.controls()?.remove_fault(request.id()?), "fault")
}

pub fn release(request: &ControlRequest) -> ControlResult {
    match request.controls()?.release_fault(request.id()?) {
        Some(released) => Ok(answer::json(StatusCode::OK, &ReleasedJson { released })),
        None => removed(false, "fault"),
    }
}

impl From<FaultView> for FaultJson {
    fn from(FaultView { id, owner, fault, fired, held }: FaultView) -> Self {
        let Fault { matching, after, times, probability, effect } = fault;
        let instance_id = owner.instance().map(|instance| instance.to_string());
        let (matching, then) = (shown(&matching), shown(&effect));
        Self { id, instance_id, matching, after, times, probability, then, fired, held }
    }
}

/// A part of a fault, without the secrets that a test may have put into it.
fn shown(part: &impl Serialize) -> Value {
    serde_json::to_value(part).map(redacted).unwrap_or_default()
}
