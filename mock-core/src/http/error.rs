//! Errors of the contract, and the status of each.

use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use telematics_contract::FieldError;

use super::answer;
use super::body::{BodyFault, Response};
use crate::service::Refusal;
use crate::service::refusal::{AccessTokenFault, RefreshRejected, RefreshTokenFault};

/// The reason why a call of the contract fails.
#[derive(Debug)]
pub enum ApiError {
    /// The service refuses it.
    Refused(Refusal),
    /// The path is not in the route table.
    UnknownPath,
    /// The path is `/`: most likely a person looks whether the server runs.
    Root,
    /// The path is in the route table, but not with this method.
    WrongMethod {
        /// The value of the header `Allow`.
        allow: String,
    },
    /// The content type is not multipart, or absent.
    NotMultipart,
    /// The body is not valid multipart.
    MalformedMultipart,
    /// The content type is not that of JSON, or absent.
    UnsupportedMediaType,
    /// The call needs a body, and the body is empty.
    EmptyBody,
    /// The body is not valid JSON.
    MalformedJson,
    /// The body is larger than the call allows.
    TooLarge,
    /// The connection ended before the body did.
    Unreadable,
    /// The body did not arrive in time.
    TooSlow,
    /// A defect of this server.
    Internal,
}

/// The result of a handler.
pub type HandlerResult = Result<Response, ApiError>;

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<BodyFault> for ApiError {
    fn from(fault: BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge => Self::TooLarge,
            BodyFault::BrokenOff => Self::Unreadable,
            BodyFault::TooSlow => Self::TooSlow,
        }
    }
}

/// The title of every validation error \[V\].
const VALIDATION: &str = "One or more validation errors occurred.";

/// What the server tells a person who opens its address.
const ROOT: &str = "telematics-mock is running. The calls of the service are below /v1, for example POST \
    /v1/Registration/Create, and the control API for tests is below /__mock. With --page FOLDER the server shows a page here.";

impl ApiError {
    /// The reason why the refresh token was refused, if it was.
    pub const fn refused_refresh_token(&self) -> Option<RefreshTokenFault> {
        if let Self::Refused(Refusal::RefreshToken { fault, .. }) = self { Some(*fault) } else { None }
    }

    /// The answer.
    pub fn into_response(self) -> Response {
        let plain = |status, title: &str| answer::failure(status, title, Vec::new());
        match self {
            Self::Refused(refusal) => refused(refusal),
            Self::UnknownPath => plain(StatusCode::NOT_FOUND, "There is no such path."),
            Self::Root => plain(StatusCode::NOT_FOUND, ROOT),
            Self::WrongMethod { allow } => {
                let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "The path does not have this method.");
                if let Ok(allow) = HeaderValue::try_from(allow) {
                    response.headers_mut().insert(ALLOW, allow);
                }
                response
            }
            Self::UnsupportedMediaType => plain(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The Content-Type must be application/json, text/json or application/*+json.",
            ),
            Self::NotMultipart => {
                plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The Content-Type must be multipart/form-data.")
            }
            Self::MalformedMultipart => plain(StatusCode::BAD_REQUEST, "The multipart body is malformed."),
            Self::EmptyBody => plain(StatusCode::BAD_REQUEST, "A non-empty JSON body is required."),
            Self::MalformedJson => plain(StatusCode::BAD_REQUEST, "The body is not valid JSON."),
            Self::TooLarge => plain(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large."),
            Self::Unreadable => plain(StatusCode::BAD_REQUEST, "The body broke off."),
            Self::TooSlow => plain(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time."),
            Self::Internal => plain(StatusCode::INTERNAL_SERVER_ERROR, "An internal error occurred."),
        }
    }
}

fn refused(refusal: Refusal) -> Response {
    let title = refusal.to_string();
    let plain = |status| answer::failure(status, title, Vec::new());
    match refusal {
        Refusal::Invalid(error) => validation(error),
        Refusal::AccessToken(fault) => unauthorized(fault),
        Refusal::WrongLogin | Refusal::WrongInstance => plain(StatusCode::UNAUTHORIZED),
        Refusal::RefreshToken { answer: RefreshRejected::Unauthorized, .. } => plain(StatusCode::UNAUTHORIZED),
        Refusal::RefreshToken { answer: RefreshRejected::BadRequest, .. } => plain(StatusCode::BAD_REQUEST),
        Refusal::Deactivated | Refusal::NotAnAdmin | Refusal::NotAUser | Refusal::NotPermitted => {
            plain(StatusCode::FORBIDDEN)
        }
        Refusal::LockedOut { seconds } => {
            let mut response = plain(StatusCode::TOO_MANY_REQUESTS);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
        Refusal::NotFound(_) => plain(StatusCode::NOT_FOUND),
    }
}

fn validation(error: FieldError) -> Response {
    answer::failure(StatusCode::UNPROCESSABLE_ENTITY, VALIDATION, vec![error])
}

/// `401` with the challenge of RFC 6750, section 3. It names an error only if a token was sent \[F\].
fn unauthorized(fault: AccessTokenFault) -> Response {
    let description = fault.description();
    let challenge = match fault {
        AccessTokenFault::Missing => "Bearer".to_owned(),
        AccessTokenFault::Malformed
        | AccessTokenFault::Expired
        | AccessTokenFault::UserGone
        | AccessTokenFault::WrongDeviceToken
        | AccessTokenFault::DeviceTokenSunset => {
            format!(r#"Bearer error="invalid_token", error_description="{description}""#)
        }
    };
    let mut response = answer::failure(StatusCode::UNAUTHORIZED, format!("{description}."), Vec::new());
    if let Ok(challenge) = HeaderValue::try_from(challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
