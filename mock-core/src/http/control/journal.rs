//! `GET` and `DELETE /__mock/requests`: the journal. `POST /__mock/requests/verify`: checks how often requests were made.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::ControlError;
use super::reply::{ControlResult, done};
use super::request::ControlRequest;
use crate::control::journal::{Entry, NearMiss, RedactedBody};
use crate::control::matching::{Difference, RequestMatch};
use crate::http::answer;
use crate::mock::{Expectation, FailedVerification};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestJson {
    number: u64,
    at: String,
    instance_id: Option<String>,
    method: String,
    path: String,
    query: String,
    status: Option<u16>,
    device_token: Option<String>,
    request: BodyJson,
    response: BodyJson,
    fault: Option<u64>,
    hint: Option<String>,
}

/// A body without its secrets; the length of one that cannot be shown; `null` for an empty one.
#[derive(Serialize)]
#[serde(untagged)]
enum BodyJson {
    Json(Value),
    Length { bytes: usize },
    None(()),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VerifyJson {
    #[serde(rename = "match")]
    matching: RequestMatch,
    exactly: Option<usize>,
    at_least: Option<usize>,
    at_most: Option<usize>,
}

#[derive(Serialize)]
struct VerifiedJson {
    ok: bool,
    count: usize,
}

#[derive(Serialize)]
struct FailedJson {
    ok: bool,
    error: String,
    count: usize,
    nearest: Vec<NearMissJson>,
}

#[derive(Serialize)]
struct NearMissJson {
    request: RequestJson,
    differences: Vec<DifferenceJson>,
}

#[derive(Serialize)]
struct DifferenceJson {
    criterion: &'static str,
    expected: String,
    actual: String,
}

pub fn read(request: &ControlRequest) -> ControlResult {
    let controls = request.controls()?;
    let wanted = RequestMatch {
        method: request.parameter("method"),
        path: request.parsed("path", "path")?,
        status: request.parsed("status", "status")?,
        device_token: request.parsed("deviceToken", "UUID")?,
    };
    let since = request.parsed("since", "request number")?.unwrap_or(0);
    let limit = request.parsed("limit", "number")?.unwrap_or(usize::MAX);
    let requests: Vec<RequestJson> =
        controls.find_requests(&wanted, since, limit).iter().map(|entry| (&**entry).into()).collect();
    Ok(answer::json(StatusCode::OK, &requests))
}

pub fn clear(request: &ControlRequest) -> ControlResult {
    request.controls()?.clear_requests();
    Ok(done())
}

pub fn verify(request: &ControlRequest) -> ControlResult {
    let VerifyJson { matching, exactly, at_least, at_most } = request.json()?;
    let controls = request.controls()?;
    let expected = match (exactly, at_least, at_most) {
        (Some(exactly), None, None) => Expectation::Exactly(exactly),
        (None, Some(at_least), None) => Expectation::AtLeast(at_least),
        (None, None, Some(at_most)) => Expectation::AtMost(at_most),
        (None, None, None) | (Some(_), _, _) | (_, Some(_), _) => {
            let error = "The body must contain exactly one of exactly, atLeast and atMost.";
            return Err(ControlError::bad_request(error));
        }
    };
    Ok(match controls.verify(matching).check(expected) {
        Ok(count) => answer::json(StatusCode::OK, &VerifiedJson { ok: true, count }),
        Err(failed) => answer::json(StatusCode::CONFLICT, &FailedJson::from(failed)),
    })
}

impl From<FailedVerification> for FailedJson {
    fn from(failed: FailedVerification) -> Self {
        let error = failed.to_string();
        let FailedVerification { count, nearest, .. } = failed;
        Self { ok: false, error, count, nearest: nearest.into_iter().map(Into::into).collect() }
    }
}

impl From<NearMiss> for NearMissJson {
    fn from(NearMiss { entry, differences }: NearMiss) -> Self {
        let differences = differences
            .into_iter()
            .map(|Difference { criterion, expected, actual }| DifferenceJson { criterion, expected, actual })
            .collect();
        Self { request: (&*entry).into(), differences }
    }
}

impl From<&Entry> for RequestJson {
    fn from(entry: &Entry) -> Self {
        Self {
            number: entry.number,
            at: entry.at.to_string(),
            instance_id: entry.owner.instance().map(|instance| instance.to_string()),
            status: entry.status,
            device_token: entry.user().map(|token| token.to_string()),
            request: entry.request().into(),
            response: entry.response().into(),
            fault: entry.fault,
            method: entry.method.to_string(),
            path: entry.path.to_string(),
            query: entry.query.to_string(),
            hint: entry.hint.as_deref().map(str::to_owned),
        }
    }
}

impl From<RedactedBody> for BodyJson {
    fn from(body: RedactedBody) -> Self {
        match body {
            RedactedBody::None => Self::None(()),
            RedactedBody::Json(value) => Self::Json(value),
            RedactedBody::Length(bytes) => Self::Length { bytes },
        }
    }
}
