//! `POST`, `GET` and `DELETE /__mock/faults`: failures on request.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::reply::{ControlResult, created, done, removed};
use super::request::ControlRequest;
use crate::control::faults::{Fault, FaultEffect, FaultView};
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
    let fault = Fault { matching, times, probability: probability.unwrap_or(1.0), effect: then };
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

impl From<FaultView> for FaultJson {
    fn from(FaultView { id, owner, fault, fired }: FaultView) -> Self {
        let Fault { times, probability, .. } = fault;
        Self { id, instance_id: owner.instance().map(|instance| instance.to_string()), times, probability, fired }
    }
}
