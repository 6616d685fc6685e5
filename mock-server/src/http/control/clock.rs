//! `GET`, `POST` and `DELETE /__mock/clock`: the virtual clock.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use super::super::{Route, answer};
use super::ControlError;
use super::request::{self, ControlAsked};
use crate::service::{ClockChange, ClockReading, UserService};

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
pub fn read(service: Arc<UserService>) -> Route {
    request::route(Method::GET, PATH, service, |service, _| async move { Ok(shown(service.read_clock())) })
}

/// Moves, sets or freezes the clock.
pub fn change(service: Arc<UserService>) -> Route {
    request::route(Method::POST, PATH, service, |service, asked| async move { changed(&service, &asked) })
}

/// Back to real time.
pub fn reset(service: Arc<UserService>) -> Route {
    request::route(Method::DELETE, PATH, service, |service, asked| async move {
        asked.writes()?;
        let reading = service.change_clock(ClockChange::Reset).map_err(ControlError::time("now"))?;
        Ok(shown(reading))
    })
}

fn changed(service: &UserService, asked: &ControlAsked) -> Result<Response, ControlError> {
    let Change { advance, set, freeze } = asked.json()?;
    let (field, change) = match (advance, set, freeze) {
        (Some(period), None, None) => {
            ("advance", ClockChange::Advance(period.parse().map_err(ControlError::time("advance"))?))
        }
        (None, Some(time), None) => ("set", ClockChange::Set(time.parse().map_err(ControlError::time("set"))?)),
        (None, None, Some(true)) => ("freeze", ClockChange::Freeze),
        (None, None, Some(false)) => {
            return Err(ControlError::bad_field("freeze", "only true; DELETE /__mock/clock lets it run again"));
        }
        (None, None, None) | (Some(_), _, _) | (_, Some(_), _) => {
            return Err(ControlError::bad_request("give exactly one of advance, set and freeze"));
        }
    };
    service.change_clock(change).map(shown).map_err(ControlError::time(field))
}

fn shown(reading: ClockReading) -> Response {
    let ClockReading { now, frozen, expired } = reading;
    let expired = Expired { access_tokens: expired.access_tokens, refresh_tokens: expired.refresh_tokens };
    answer::json(StatusCode::OK, &Reading { now: now.to_string(), frozen, expired })
}
