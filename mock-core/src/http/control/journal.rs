//! `GET` and `DELETE /__mock/requests`: the journal.

use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::SemaphorePermit;

use super::error::ControlError;
use super::reply::{ControlResult, done};
use super::request::ControlRequest;
use crate::control::MAX_WAITING;
use crate::control::invalid::InvalidField;
use crate::control::journal::{Entry, Page, RedactedBody};
use crate::control::matching::{RequestMatch, TextPattern, ValueMatch};
use crate::http::answer;
use crate::json_tree::Json;
use crate::mock::Mock;
use crate::service::time::Period;
use crate::strict_json;

/// The longest time for which a call may wait.
const MAX_WAIT: Duration = Duration::from_secs(60);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestJson {
    number: u64,
    at: String,
    instance_id: Option<String>,
    method: String,
    path: String,
    query: String,
    headers: Vec<String>,
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
#[serde(deny_unknown_fields)]
struct MatchJson {
    #[serde(rename = "match")]
    matching: RequestMatch,
}

/// The parameters of the query that say what is compared, each of them a field of `match`.
const FILTERS: [&str; 5] = ["method", "path", "status", "deviceToken", "hint"];

/// Waits for an entry of the page that the request asks for, if the request asks for that.
pub async fn wait(request: &ControlRequest) -> Result<(), ControlError> {
    let Some(time) = request.parameter("wait") else { return Ok(()) };
    let time = waiting_time("wait", &time)?;
    let (controls, wanted, page) = (request.controls()?, wanted(request)?, page(request)?);
    let _permit = permit(request.mock())?;
    controls.wait_for_page(&wanted, page, time).await;
    Ok(())
}

pub fn read(request: &ControlRequest) -> ControlResult {
    let controls = request.controls()?;
    let found = controls.find_requests(&wanted(request)?, page(request)?);
    let requests: Vec<RequestJson> = found.iter().map(|entry| (&**entry).into()).collect();
    Ok(answer::json(StatusCode::OK, &requests))
}

/// The match in the query: as JSON, or field by field.
fn wanted(request: &ControlRequest) -> Result<RequestMatch, ControlError> {
    let Some(text) = request.parameter("match") else {
        let hint = request.parameter("hint").map(|hint| match hint.as_str() {
            "true" => ValueMatch::Present,
            "false" => ValueMatch::Absent,
            _ => ValueMatch::Text(TextPattern::new(hint)),
        });
        let wanted = RequestMatch {
            method: request.parameter("method"),
            path: request.parsed("path", "path")?,
            status: request.parsed("status", "status")?,
            device_token: request.parsed("deviceToken", "UUID")?,
            hint,
            ..RequestMatch::any()
        };
        let without_match =
            |error: InvalidField| InvalidField { field: error.field.trim_start_matches("match.").to_owned(), ..error };
        wanted.check_answered("match").map_err(without_match)?;
        return Ok(wanted);
    };
    if let Some(name) = FILTERS.into_iter().find(|name| request.parameter(name).is_some()) {
        return Err(ControlError::bad_field(name, "cannot be combined with match; write it into match"));
    }
    let value = Json::parse(text.as_bytes()).ok_or_else(|| ControlError::bad_field("match", "is not valid JSON"))?;
    let MatchJson { matching } = strict_json::read_value(Json::Object(vec![("match".to_owned(), value)]))?;
    matching.check_answered("match")?;
    Ok(matching)
}

fn page(request: &ControlRequest) -> Result<Page, ControlError> {
    let number = |name| request.parsed(name, "request number");
    let (limit, first) = (request.parsed("limit", "number")?, request.parsed("first", "number")?);
    if limit.is_some() && first.is_some() {
        return Err(ControlError::bad_field("first", "cannot be combined with limit"));
    }
    let everything = Page::default();
    Ok(Page {
        since: number("since")?.unwrap_or(everything.since),
        before: number("before")?.unwrap_or(everything.before),
        limit: first.or(limit).unwrap_or(everything.limit),
        takes_first: first.is_some(),
    })
}

/// Reads the longest time of a call that waits.
pub(super) fn waiting_time(field: &str, text: &str) -> Result<Duration, ControlError> {
    let time = text.parse::<Period>().map_err(ControlError::time(field))?.to_duration();
    if time > MAX_WAIT {
        return Err(ControlError::bad_field(field, format!("must be at most {}s", MAX_WAIT.as_secs())));
    }
    Ok(time)
}

/// Allows a call to wait, until the permit is dropped.
pub(super) fn permit(mock: &Mock) -> Result<SemaphorePermit<'_>, ControlError> {
    mock.control.waiting.try_acquire().map_err(|_| {
        ControlError::too_many(format!(
            "The server has {MAX_WAITING} waiting calls already; wait for fewer requests at once."
        ))
    })
}

pub fn clear(request: &ControlRequest) -> ControlResult {
    request.controls()?.clear_requests();
    Ok(done())
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
            query: entry.query(),
            headers: entry.headers.iter().map(str::to_owned).collect(),
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
