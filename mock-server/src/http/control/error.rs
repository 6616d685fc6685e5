//! What the control API answers when something is wrong: a sentence, and the field it is about.

use serde::Serialize;
use warp::Reply;
use warp::http::StatusCode;
use warp::reply::Response;

use super::super::answer;
use crate::service::time::TimeError;

/// Why a control call fails; nothing was changed.
#[derive(Debug)]
pub struct ControlError {
    status: StatusCode,
    error: String,
    field: Option<String>,
}

impl ControlError {
    /// `400`: the request is wrong.
    pub fn bad_request(error: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: error.into(), field: None }
    }

    /// `400`: a field of the request is wrong.
    pub fn bad_field(field: impl Into<String>, error: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::bad_request(error) }
    }

    /// `401`: the control token is missing or wrong.
    pub fn unauthorized(error: impl Into<String>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::bad_request(error) }
    }

    /// `403`: a web page or a foreign host name asks.
    pub fn forbidden(error: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, ..Self::bad_request(error) }
    }

    /// `409`: it cannot be done as things are.
    pub fn conflict(error: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, ..Self::bad_request(error) }
    }

    /// `404`: what the call is about does not exist.
    pub fn not_found(error: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, ..Self::bad_request(error) }
    }

    /// A time in that field is wrong.
    pub fn time(field: &str) -> impl FnOnce(TimeError) -> Self {
        move |error| Self::bad_field(field, error.to_string())
    }
}

impl Reply for ControlError {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            field: Option<String>,
        }
        answer::json(self.status, &Body { error: self.error, field: self.field })
    }
}
