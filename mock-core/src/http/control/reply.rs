//! Replies that several control calls have in common.

use http::StatusCode;
use serde::Serialize;

use super::error::ControlError;
use crate::http::answer;
use crate::http::body::Response;

/// The result of a handler.
pub type ControlResult = Result<Response, ControlError>;

/// `200` of a call without a result.
pub fn done() -> Response {
    #[derive(Serialize)]
    struct DoneJson {}
    answer::json(StatusCode::OK, &DoneJson {})
}

/// The reply to the removal of a thing by its id: `404` if it did not exist.
pub fn removed(existed: bool, kind: &str) -> ControlResult {
    if existed { Ok(done()) } else { Err(ControlError::not_found(format!("There is no {kind} with this id."))) }
}

/// `201` with the id of a new fault or barrier.
pub fn created(id: u64) -> Response {
    #[derive(Serialize)]
    struct CreatedJson {
        id: u64,
    }
    answer::json(StatusCode::CREATED, &CreatedJson { id })
}
