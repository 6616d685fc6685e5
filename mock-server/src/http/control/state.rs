//! `GET` and `PUT /__mock/state`: snapshot and restore. `POST /__mock/reset`: back to the start.

use std::sync::Arc;

use warp::http::{Method, StatusCode};

use super::super::{Route, answer};
use super::{ControlError, Plane, request};
use crate::service::{Discarded, RestoreError, Snapshot};

const PATH: &str = "/__mock/state";

/// Drops what was replaced where nobody waits for it.
fn drop_elsewhere(discarded: Discarded) {
    tokio::task::spawn_blocking(move || drop(discarded));
}

/// Gives the whole state out.
pub fn read(plane: Arc<Plane>) -> Route {
    request::route(Method::GET, PATH, plane, |plane, asked| async move {
        let scope = asked.scope(&plane.service)?;
        let snapshot = plane.service.snapshot(scope);
        let snapshot = snapshot.ok_or_else(|| ControlError::not_found("no instance has this id"))?;
        Ok(answer::json(StatusCode::OK, &snapshot))
    })
}

/// Puts a state in the place of the one there is.
pub fn restore(plane: Arc<Plane>) -> Route {
    request::route(Method::PUT, PATH, plane, |plane, asked| async move {
        let snapshot: Snapshot = asked.json()?;
        let scope = asked.scope(&plane.service)?;
        let discarded = plane.service.restore(scope, snapshot).map_err(|error| match error {
            RestoreError::Seed => ControlError::conflict(error.to_string()),
            RestoreError::Version(_) | RestoreError::Scope(_) | RestoreError::Damaged(_) => {
                ControlError::bad_request(error.to_string())
            }
        })?;
        drop_elsewhere(discarded);
        Ok(request::done())
    })
}

/// Back to the start.
pub fn reset(plane: Arc<Plane>) -> Route {
    request::route(Method::POST, "/__mock/reset", plane, |plane, asked| async move {
        asked.writes()?;
        let scope = asked.scope(&plane.service)?;
        let discarded = plane.service.reset(scope);
        drop_elsewhere(discarded.ok_or_else(|| ControlError::not_found("no instance has this id"))?);
        plane.control.reset(scope);
        Ok(request::done())
    })
}
