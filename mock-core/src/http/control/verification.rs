//! `POST /__mock/requests/verify`: checks how often, and in which order, requests were made.

use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::error::ControlError;
use super::journal::{RequestJson, permit, waiting_time};
use super::reply::ControlResult;
use super::request::ControlRequest;
use crate::control::journal::NearMiss;
use crate::control::matching::{Difference, RequestMatch};
use crate::http::answer;
use crate::http::body::Response;
use crate::mock::{Expectation, FailedSequence, FailedVerification, VerificationError};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VerifyJson {
    #[serde(rename = "match")]
    matching: Option<RequestMatch>,
    exactly: Option<usize>,
    at_least: Option<usize>,
    at_most: Option<usize>,
    sequence: Option<Vec<RequestMatch>>,
    since: Option<u64>,
    within: Option<String>,
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
struct VerifiedSequenceJson {
    ok: bool,
    requests: Vec<u64>,
}

#[derive(Serialize)]
struct FailedSequenceJson {
    ok: bool,
    error: String,
    /// The numbers of the requests that meet the first matches.
    requests: Vec<u64>,
    /// The index of the first match that is not met.
    unmet: usize,
    nearest: Vec<NearMissJson>,
}

#[derive(Serialize)]
struct NearMissJson {
    request: RequestJson,
    differences: Vec<DifferenceJson>,
}

#[derive(Serialize)]
struct DifferenceJson {
    criterion: String,
    expected: String,
    actual: String,
}

/// What a request asks to verify.
struct Asked {
    what: What,
    since: u64,
    within: Option<Duration>,
}

enum What {
    Count(RequestMatch, Expectation),
    Sequence(Vec<RequestMatch>),
}

/// Waits for what the request asks to verify, and answers; `None` if the request does not ask to wait.
pub async fn wait(request: &ControlRequest) -> Result<Option<Response>, ControlError> {
    let Asked { what, since, within: Some(within) } = asked(request)? else { return Ok(None) };
    let controls = request.controls()?;
    let _permit = permit(request.mock())?;
    match what {
        What::Count(matching, expected) => {
            count(controls.verify(matching).since(since).within(within).check(expected).await)
        }
        What::Sequence(matches) => {
            sequence(controls.verify_sequence(matches).since(since).within(within).check().await)
        }
    }
    .map(Some)
}

pub fn verify(request: &ControlRequest) -> ControlResult {
    let Asked { what, since, .. } = asked(request)?;
    let controls = request.controls()?;
    match what {
        What::Count(matching, expected) => count(controls.verify(matching).since(since).check(expected)),
        What::Sequence(matches) => sequence(controls.verify_sequence(matches).since(since).check()),
    }
}

fn count(outcome: Result<usize, VerificationError<FailedVerification>>) -> ControlResult {
    match outcome {
        Ok(count) => Ok(answer::json(StatusCode::OK, &VerifiedJson { ok: true, count })),
        Err(VerificationError::Invalid(error)) => Err(error.into()),
        Err(VerificationError::Failed(failed)) => {
            let error = failed.to_string();
            let FailedVerification { count, nearest, .. } = failed;
            let nearest = nearest.into_iter().map(Into::into).collect();
            Ok(answer::json(StatusCode::CONFLICT, &FailedJson { ok: false, error, count, nearest }))
        }
    }
}

fn sequence(outcome: Result<Vec<u64>, VerificationError<FailedSequence>>) -> ControlResult {
    match outcome {
        Ok(requests) => Ok(answer::json(StatusCode::OK, &VerifiedSequenceJson { ok: true, requests })),
        Err(VerificationError::Invalid(error)) => Err(error.into()),
        Err(VerificationError::Failed(failed)) => {
            let error = failed.to_string();
            let FailedSequence { met: requests, unmet, nearest } = failed;
            let nearest = nearest.into_iter().map(Into::into).collect();
            let failed = FailedSequenceJson { ok: false, error, requests, unmet, nearest };
            Ok(answer::json(StatusCode::CONFLICT, &failed))
        }
    }
}

fn asked(request: &ControlRequest) -> Result<Asked, ControlError> {
    let VerifyJson { matching, exactly, at_least, at_most, sequence, since, within } = request.json()?;
    let (since, within) = (since.unwrap_or(0), within.map(|text| waiting_time("within", &text)).transpose()?);
    let what = match (sequence, exactly, at_least, at_most) {
        (Some(_), None, None, None) if matching.is_some() => {
            return Err(ControlError::bad_field("match", "cannot be combined with sequence"));
        }
        (Some(sequence), None, None, None) => What::Sequence(sequence),
        (None, Some(exactly), None, None) => What::Count(required(matching)?, Expectation::Exactly(exactly)),
        (None, None, Some(at_least), None) => What::Count(required(matching)?, Expectation::AtLeast(at_least)),
        (None, None, None, Some(_)) if within.is_some() => {
            let error = "cannot be combined with atMost: there can be one more request until the time is over";
            return Err(ControlError::bad_field("within", error));
        }
        (None, None, None, Some(at_most)) => What::Count(required(matching)?, Expectation::AtMost(at_most)),
        (None, None, None, None) | (Some(_), _, _, _) | (_, Some(_), _, _) | (_, _, Some(_), _) => {
            let error = "The body must contain exactly one of exactly, atLeast, atMost and sequence.";
            return Err(ControlError::bad_request(error));
        }
    };
    Ok(Asked { what, since, within })
}

fn required(matching: Option<RequestMatch>) -> Result<RequestMatch, ControlError> {
    matching.ok_or_else(|| ControlError::bad_field("match", "is required"))
}

impl From<NearMiss> for NearMissJson {
    fn from(NearMiss { entry, differences }: NearMiss) -> Self {
        let differences = differences
            .into_iter()
            .map(|Difference { criterion, expected, actual }| DifferenceJson {
                criterion: criterion.into_owned(),
                expected,
                actual,
            })
            .collect();
        Self { request: (&*entry).into(), differences }
    }
}
