//! `POST`, `GET` and `DELETE /__mock/barriers`: hold so many requests and let them go together.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use warp::http::{Method, StatusCode};

use super::super::{Route, answer};
use super::matching::Wanted;
use super::{ControlError, Plane, request};
use crate::control::barriers::{BarrierView, DEFAULT_TIMEOUT};

const PATH: &str = "/__mock/barriers";
const MAX_PARTIES: usize = 1_000;
const MAX_TIMEOUT_MS: u64 = 60_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Add {
    #[serde(rename = "match")]
    wanted: Wanted,
    parties: usize,
    timeout_ms: Option<u64>,
}

#[derive(Serialize)]
struct Added {
    id: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    id: u64,
    parties: usize,
    waiting: usize,
    timeout_ms: u64,
}

/// Adds a barrier.
pub fn add(plane: Arc<Plane>) -> Route {
    request::route(Method::POST, PATH, plane, |plane, asked| async move {
        let Add { wanted, parties, timeout_ms } = asked.json()?;
        if !(1..=MAX_PARTIES).contains(&parties) {
            return Err(ControlError::bad_field("parties", format!("a number from 1 to {MAX_PARTIES}")));
        }
        if timeout_ms.is_some_and(|timeout| !(1..=MAX_TIMEOUT_MS).contains(&timeout)) {
            return Err(ControlError::bad_field("timeoutMs", format!("a number from 1 to {MAX_TIMEOUT_MS}")));
        }
        let timeout = timeout_ms.map_or(DEFAULT_TIMEOUT, Duration::from_millis);
        let scope = asked.scope(&plane.service)?;
        let id = plane.control.barriers.add(scope, wanted.matching(false)?, parties, timeout);
        Ok(answer::json(StatusCode::CREATED, &Added { id }))
    })
}

/// Shows the barriers.
pub fn read(plane: Arc<Plane>) -> Route {
    request::route(Method::GET, PATH, plane, |plane, asked| async move {
        let barriers = plane.control.barriers.list(asked.scope(&plane.service)?);
        let shown: Vec<_> = barriers
            .into_iter()
            .map(|BarrierView { id, parties, waiting, timeout_ms }| Shown { id, parties, waiting, timeout_ms })
            .collect();
        Ok(answer::json(StatusCode::OK, &shown))
    })
}

/// Removes all barriers, which lets go whom they hold.
pub fn clear(plane: Arc<Plane>) -> Route {
    request::route(Method::DELETE, PATH, plane, |plane, asked| async move {
        asked.writes()?;
        plane.control.barriers.clear(asked.scope(&plane.service)?);
        Ok(request::done())
    })
}

/// Removes a barrier, which lets go whom it holds.
pub fn remove(plane: Arc<Plane>) -> Route {
    request::route(Method::DELETE, "/__mock/barriers/{id}", plane, |plane, asked| async move {
        request::remove(&plane, &asked, "barrier", |scope, id| plane.control.barriers.remove(scope, id))
    })
}
