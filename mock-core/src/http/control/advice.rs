//! `GET` and `DELETE /__mock/advice`: what the tested app does wrong.

use std::str::FromStr;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::error::ControlError;
use super::reply::{ControlResult, done};
use super::request::ControlRequest;
use crate::control::advice::report::{self, Format};
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

/// The form that a caller wants.
enum Wanted {
    Json,
    Report(Format),
}

impl FromStr for Wanted {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "json" => Ok(Self::Json),
            "sarif" => Ok(Self::Report(Format::Sarif)),
            "junit" => Ok(Self::Report(Format::Junit)),
            _ => Err(()),
        }
    }
}

pub fn read(request: &ControlRequest) -> ControlResult {
    let wanted = request.parsed("format", "format; use json, sarif or junit")?.unwrap_or(Wanted::Json);
    let source = request.parameter("source");
    check_source(source.as_deref(), &wanted)?;
    let findings = request.controls()?.advice();
    let Wanted::Report(format) = wanted else {
        let advice = findings.iter().map(FindingJson::from).collect();
        return Ok(answer::json(StatusCode::OK, &AdviceJson { advice }));
    };
    let report = format.report(&findings, source.as_deref());
    let mut response = answer::from_bytes(StatusCode::OK, Bytes::from(report));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn check_source(source: Option<&str>, wanted: &Wanted) -> Result<(), ControlError> {
    let wrong = |reason: &str| Err(ControlError::bad_field("source", reason));
    match (source, wanted) {
        (None, _) => Ok(()),
        (Some(source), Wanted::Report(Format::Sarif)) => report::check_source(source).or_else(wrong),
        (Some(_), Wanted::Json | Wanted::Report(Format::Junit)) => wrong("is known only with format=sarif"),
    }
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
    fn from(Example { request, method, path, status, at, .. }: &'a Example) -> Self {
        Self { request: *request, method, path, status: *status, at: at.to_string() }
    }
}
