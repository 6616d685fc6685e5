//! `GET`, `POST` and `DELETE /__mock/clock`: the virtual clock.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use super::super::{Route, answer};
use super::request::{self, ControlAsked};
use super::{ControlError, Plane};
use crate::service::{ClockChange, ClockReading};

const PATH: &str = "/__mock/clock";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Change {
    advance: Option<String>,
    set: Option<String>,
    freeze: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reading {
    now: String,
    frozen: bool,
    expired: Expired,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Expired {
    access_tokens: usize,
    refresh_tokens: usize,
}

/// Shows the time.
pub fn read(plane: Arc<Plane>) -> Route {
    request::route(Method::GET, PATH, plane, |plane, asked| async move {
        let scope = asked.scope(&plane.service)?;
        let reading = plane.service.read_clock(scope);
        reading.map(shown).map_err(|error| ControlError::not_found(error.to_string()))
    })
}

/// Moves, sets or freezes the clock.
pub fn change(plane: Arc<Plane>) -> Route {
    request::route(Method::POST, PATH, plane, |plane, asked| async move {
        let (field, change) = wanted(asked.json()?)?;
        changed(&plane, &asked, field, change)
    })
}

/// Back to what it was at the start.
pub fn reset(plane: Arc<Plane>) -> Route {
    request::route(Method::DELETE, PATH, plane, |plane, asked| async move {
        asked.writes()?;
        changed(&plane, &asked, "now", ClockChange::Reset)
    })
}

fn wanted(Change { advance, set, freeze }: Change) -> Result<(&'static str, ClockChange), ControlError> {
    match (advance, set, freeze) {
        (Some(period), None, None) => {
            Ok(("advance", ClockChange::Advance(period.parse().map_err(ControlError::time("advance"))?)))
        }
        (None, Some(time), None) => Ok(("set", ClockChange::Set(time.parse().map_err(ControlError::time("set"))?))),
        (None, None, Some(true)) => Ok(("freeze", ClockChange::Freeze)),
        (None, None, Some(false)) => {
            Err(ControlError::bad_field("freeze", "only true; DELETE /__mock/clock lets it run again"))
        }
        (None, None, None) | (Some(_), _, _) | (_, Some(_), _) => {
            Err(ControlError::bad_request("give exactly one of advance, set and freeze"))
        }
    }
}

fn changed(plane: &Plane, asked: &ControlAsked, field: &str, change: ClockChange) -> Result<Response, ControlError> {
    let scope = asked.scope(&plane.service)?;
    let reading = plane.service.change_clock(scope, change).map_err(ControlError::time(field))?;
    plane.control.events.tell(scope, "clock", || json!({ "now": reading.now.to_string(), "frozen": reading.frozen }));
    Ok(shown(reading))
}

fn shown(reading: ClockReading) -> Response {
    let ClockReading { now, frozen, expired } = reading;
    let expired = Expired { access_tokens: expired.access_tokens, refresh_tokens: expired.refresh_tokens };
    answer::json(StatusCode::OK, &Reading { now: now.to_string(), frozen, expired })
}
