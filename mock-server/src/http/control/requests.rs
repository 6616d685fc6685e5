//! `GET` and `DELETE /__mock/requests`: the journal. `POST /__mock/requests/verify`: whether what should have happened did.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use warp::http::{Method, StatusCode};

use super::super::{Route, answer};
use super::matching::Wanted;
use super::{ControlError, Plane, request};
use crate::control::journal::{Entry, NearMiss, ShownBody};
use crate::control::matching::{Difference, Match, PathPattern};

const PATH: &str = "/__mock/requests";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    number: u64,
    at: String,
    instance_id: Option<String>,
    method: String,
    path: String,
    query: String,
    status: Option<u16>,
    device_token: Option<String>,
    request: Body,
    response: Body,
    fault: Option<u64>,
    hint: Option<String>,
}

/// A body without its secrets, or how long one was that cannot be shown.
#[derive(Serialize)]
#[serde(untagged)]
enum Body {
    Json(Value),
    Length { bytes: usize },
    None(()),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Verify {
    #[serde(rename = "match")]
    wanted: Wanted,
    exactly: Option<usize>,
    at_least: Option<usize>,
    at_most: Option<usize>,
}

#[derive(Serialize)]
struct Verified {
    ok: bool,
    count: usize,
}

#[derive(Serialize)]
struct Refuted {
    ok: bool,
    error: String,
    count: usize,
    nearest: Vec<Near>,
}

#[derive(Serialize)]
struct Near {
    request: Shown,
    differences: Vec<Differs>,
}

#[derive(Serialize)]
struct Differs {
    criterion: &'static str,
    expected: String,
    actual: String,
}

/// Shows the journal.
pub fn read(plane: Arc<Plane>) -> Route {
    request::route(Method::GET, PATH, plane, |plane, asked| async move {
        let scope = asked.scope(&plane.service)?;
        let wanted = Match {
            method: asked.parameter("method"),
            path: asked.parameter("path").map(PathPattern::new),
            status: asked.parsed("status", "status")?,
            device_token: asked.parsed("deviceToken", "UUID")?,
        };
        let since = asked.parsed("since", "number of a request")?.unwrap_or(0);
        let limit = asked.parsed("limit", "number")?.unwrap_or(usize::MAX);
        let entries = plane.control.journal.lock().find(scope, &wanted, since, limit);
        // Parsing and redaction happen here, after the lock.
        let shown: Vec<_> = entries.into_iter().map(Shown::of).collect();
        Ok(answer::json(StatusCode::OK, &shown))
    })
}

/// Forgets the journal.
pub fn clear(plane: Arc<Plane>) -> Route {
    request::route(Method::DELETE, PATH, plane, |plane, asked| async move {
        asked.writes()?;
        plane.control.journal.lock().clear(asked.scope(&plane.service)?);
        Ok(request::done())
    })
}

/// Says whether as many requests were made as should have been.
pub fn verify(plane: Arc<Plane>) -> Route {
    request::route(Method::POST, "/__mock/requests/verify", plane, |plane, asked| async move {
        let Verify { wanted, exactly, at_least, at_most } = asked.json()?;
        let scope = asked.scope(&plane.service)?;
        let wanted = wanted.matching(true)?;
        let journal = plane.control.journal.lock();
        let count = journal.count(scope, &wanted);
        let (ok, expected) = match (exactly, at_least, at_most) {
            (Some(exactly), None, None) => (count == exactly, format!("exactly {exactly}")),
            (None, Some(at_least), None) => (count >= at_least, format!("at least {at_least}")),
            (None, None, Some(at_most)) => (count <= at_most, format!("at most {at_most}")),
            (None, None, None) | (Some(_), _, _) | (_, Some(_), _) => {
                return Err(ControlError::bad_request("give exactly one of exactly, atLeast and atMost"));
            }
        };
        if ok {
            return Ok(answer::json(StatusCode::OK, &Verified { ok, count }));
        }
        let nearest = journal.nearest(scope, &wanted);
        drop(journal);
        let error = format!("expected {expected}, but there were {count}");
        let nearest = nearest.into_iter().map(Near::of).collect();
        Ok(answer::json(StatusCode::CONFLICT, &Refuted { ok, error, count, nearest }))
    })
}

impl Near {
    fn of(NearMiss { entry, differences }: NearMiss) -> Self {
        let differences = differences
            .into_iter()
            .map(|Difference { criterion, expected, actual }| Differs { criterion, expected, actual })
            .collect();
        Self { request: Shown::of(entry), differences }
    }
}

impl Shown {
    fn of(entry: Entry) -> Self {
        Self {
            number: entry.number,
            at: entry.at.to_string(),
            instance_id: entry.instance.map(|instance| instance.to_string()),
            status: entry.status,
            device_token: entry.user().map(|token| token.to_string()),
            request: Body::of(entry.request()),
            response: Body::of(entry.response()),
            fault: entry.fault,
            method: entry.method,
            path: entry.path,
            query: entry.query,
            hint: entry.hint,
        }
    }
}

impl Body {
    fn of(body: ShownBody) -> Self {
        match body {
            ShownBody::None => Self::None(()),
            ShownBody::Json(value) => Self::Json(value),
            ShownBody::Length(bytes) => Self::Length { bytes },
        }
    }
}
