//! Errors of the control API: a sentence, and the field that is wrong.

use http::StatusCode;
use serde::Serialize;

use crate::control::invalid::InvalidField;
use crate::http::answer;
use crate::http::body::Response;
use crate::service::time::TimeError;
use crate::service::{FixtureError, InvalidSettings, NoSuchInstance, NoSuchUser};
use crate::strict_json::WrongJson;

/// The reason why a control call fails; nothing was changed.
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

    /// `403`: the request comes from a foreign web page or names a foreign host.
    pub fn forbidden(error: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, ..Self::bad_request(error) }
    }

    /// `408`: the body did not arrive in time.
    pub fn too_slow() -> Self {
        Self { status: StatusCode::REQUEST_TIMEOUT, ..Self::bad_request("The body did not arrive in time.") }
    }

    /// `409`: the call does not fit the present state.
    pub fn conflict(error: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, ..Self::bad_request(error) }
    }

    /// `429`: too many calls of this kind are under way.
    pub fn too_many(error: impl Into<String>) -> Self {
        Self { status: StatusCode::TOO_MANY_REQUESTS, ..Self::bad_request(error) }
    }

    /// `500`: a defect of this server.
    pub fn internal(error: impl Into<String>) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, ..Self::bad_request(error) }
    }

    /// `404`: the thing that the call names does not exist.
    pub fn not_found(error: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, ..Self::bad_request(error) }
    }

    /// `400`: a setting is invalid; `prefix` stands before the name of its field.
    pub fn settings(prefix: &str, error: InvalidSettings) -> Self {
        Self::bad_field(format!("{prefix}{}", error.field()), error.to_string())
    }

    /// `400`: the time in a field is wrong.
    pub fn time(field: &str) -> impl FnOnce(TimeError) -> Self {
        move |error| Self::bad_field(field, error.to_string())
    }

    /// The answer.
    pub fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct ErrorJson {
            error: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            field: Option<String>,
        }
        answer::json(self.status, &ErrorJson { error: self.error, field: self.field })
    }
}

impl From<WrongJson> for ControlError {
    fn from(WrongJson { field, reason }: WrongJson) -> Self {
        Self { field, ..Self::bad_request(reason) }
    }
}

impl From<NoSuchInstance> for ControlError {
    fn from(error: NoSuchInstance) -> Self {
        Self::not_found(error.to_string())
    }
}

impl From<FixtureError> for ControlError {
    fn from(error: FixtureError) -> Self {
        match error {
            FixtureError::Invalid { field, reason } => Self::bad_field(field, reason),
            FixtureError::NoSuchInstance | FixtureError::NoSuchUser => Self::not_found(error.to_string()),
        }
    }
}

impl From<NoSuchUser> for ControlError {
    fn from(error: NoSuchUser) -> Self {
        Self::not_found(error.to_string())
    }
}

impl From<InvalidSettings> for ControlError {
    fn from(error: InvalidSettings) -> Self {
        Self::settings("", error)
    }
}

impl From<InvalidField> for ControlError {
    fn from(InvalidField { field, reason }: InvalidField) -> Self {
        Self::bad_field(field, reason)
    }
}
