//! `POST`, `GET` and `DELETE /__mock/faults`: what goes wrong on purpose.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use warp::http::header::{HeaderName, HeaderValue};
use warp::http::{Method, StatusCode};

use super::super::{Route, answer};
use super::matching::Wanted;
use super::{ControlError, Plane, request};
use crate::control::faults::{Effect, Fault};

const PATH: &str = "/__mock/faults";
/// The longest a fault may hold an answer up, in milliseconds: ten minutes.
const MAX_MS: u64 = 600_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Add {
    #[serde(rename = "match")]
    wanted: Wanted,
    times: Option<u32>,
    probability: Option<f64>,
    then: Then,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Then {
    status: Option<u16>,
    body: Option<Value>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    delay_ms: u64,
    #[serde(default)]
    jitter_ms: u64,
    #[serde(default)]
    reset: bool,
    truncate_body: Option<usize>,
    #[serde(default)]
    dribble_ms: u64,
    #[serde(default)]
    commit_then_drop: bool,
}

#[derive(Serialize)]
struct Added {
    id: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    id: u64,
    instance_id: Option<String>,
    times: Option<u32>,
    probability: f64,
    fired: u32,
}

/// Adds a fault.
pub fn add(plane: Arc<Plane>) -> Route {
    request::route(Method::POST, PATH, plane, |plane, asked| async move {
        let Add { wanted, times, probability, then } = asked.json()?;
        let instance = asked.scope(&plane.service)?;
        let probability = probability.unwrap_or(1.0);
        if !(0.0..=1.0).contains(&probability) {
            return Err(ControlError::bad_field("probability", "a number from 0 to 1"));
        }
        if times == Some(0) {
            return Err(ControlError::bad_field("times", "at least 1; leave it out for ever"));
        }
        let (matching, effect) = (wanted.matching(false)?, then.effect()?);
        let id = plane.control.faults.add(Fault { id: 0, instance, matching, times, probability, effect, fired: 0 });
        Ok(answer::json(StatusCode::CREATED, &Added { id }))
    })
}

/// Shows the faults.
pub fn read(plane: Arc<Plane>) -> Route {
    request::route(Method::GET, PATH, plane, |plane, asked| async move {
        let faults = plane.control.faults.list(asked.scope(&plane.service)?);
        let shown: Vec<_> = faults
            .into_iter()
            .map(|fault| Shown {
                id: fault.id,
                instance_id: fault.instance.map(|instance| instance.to_string()),
                times: fault.times,
                probability: fault.probability,
                fired: fault.fired,
            })
            .collect();
        Ok(answer::json(StatusCode::OK, &shown))
    })
}

/// Removes all faults.
pub fn clear(plane: Arc<Plane>) -> Route {
    request::route(Method::DELETE, PATH, plane, |plane, asked| async move {
        asked.writes()?;
        plane.control.faults.clear(asked.scope(&plane.service)?);
        Ok(request::done())
    })
}

/// Removes a fault.
pub fn remove(plane: Arc<Plane>) -> Route {
    request::route(Method::DELETE, "/__mock/faults/{id}", plane, |plane, asked| async move {
        request::remove(&plane, &asked, "fault", |scope, id| plane.control.faults.remove(scope, id))
    })
}

impl Then {
    fn effect(self) -> Result<Effect, ControlError> {
        let Self { status, body, headers, delay_ms, jitter_ms, reset, truncate_body, dribble_ms, commit_then_drop } =
            self;
        if let Some(status) = status
            && !(200..=599).contains(&status)
        {
            return Err(ControlError::bad_field("then.status", "a status from 200 to 599"));
        }
        for (name, milliseconds) in [("delayMs", delay_ms), ("jitterMs", jitter_ms), ("dribbleMs", dribble_ms)] {
            if milliseconds > MAX_MS {
                return Err(ControlError::bad_field(format!("then.{name}"), format!("at most {MAX_MS}")));
            }
        }
        for (name, value) in &headers {
            if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
                return Err(ControlError::bad_field(format!("then.headers.{name}"), "no header HTTP accepts"));
            }
        }
        if commit_then_drop && (status.is_some() || body.is_some() || reset) {
            return Err(ControlError::bad_field("then.commitThenDrop", "leaves no answer to say anything about"));
        }
        let effect = Effect {
            status,
            body,
            headers: headers.into_iter().collect(),
            delay_ms,
            jitter_ms,
            reset,
            truncate_body,
            dribble_ms,
            commit_then_drop,
        };
        if effect == Effect::default() {
            return Err(ControlError::bad_field("then", "says nothing that should go wrong"));
        }
        Ok(effect)
    }
}
