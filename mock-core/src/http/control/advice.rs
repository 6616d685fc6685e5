//! `GET` and `DELETE /__mock/advice`: what the tested app does wrong.

use http::StatusCode;
use serde::Serialize;

use super::reply::{ControlResult, done};
use super::request::ControlRequest;
use crate::control::advice::{Example, Finding};
use crate::http::answer;

#[derive(Serialize)]
struct AdviceJson<'a> {
    advice: Vec<FindingJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingJson<'a> {
    rule: &'static str,
    title: &'static str,
    level: &'static str,
    count: u64,
    message: &'a str,
    way_out: &'static str,
    example: ExampleJson<'a>,
    first: u64,
    last: u64,
}

#[derive(Serialize)]
struct ExampleJson<'a> {
    request: u64,
    method: &'a str,
    path: &'a str,
    status: Option<u16>,
    at: String,
}

pub fn read(request: &ControlRequest) -> ControlResult {
    let findings = request.controls()?.advice();
    let advice = findings.iter().map(FindingJson::from).collect();
    Ok(answer::json(StatusCode::OK, &AdviceJson { advice }))
}

pub fn clear(request: &ControlRequest) -> ControlResult {
    request.controls()?.clear_advice();
    Ok(done())
}

impl<'a> From<&'a Finding> for FindingJson<'a> {
    fn from(finding: &'a Finding) -> Self {
        let Finding { rule, count, message, example, last } = finding;
        Self {
            rule: rule.id(),
            title: rule.title(),
            level: rule.level().name(),
            count: *count,
            message,
            way_out: rule.way_out(),
            example: example.into(),
            first: finding.first(),
            last: *last,
        }
    }
}

impl<'a> From<&'a Example> for ExampleJson<'a> {
    fn from(Example { request, method, path, status, at }: &'a Example) -> Self {
        Self { request: *request, method, path, status: *status, at: at.to_string() }
    }
}
