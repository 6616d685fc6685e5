//! Collects from a request and its answer what advice looks at.

use std::borrow::Cow;

use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderName, RETRY_AFTER};
use telematics_contract::headers::DEVICE_TOKEN;
use telematics_contract::{Access, Call};

use super::answer::Answer as HttpAnswer;
use super::error::ApiError;
use super::fault_effect::sent_header;
use super::received::ReceivedRequest;
use crate::control::advice::{Actor, Answer, Arrival, Refused, RetryAfter};
use crate::control::facts::RequestFacts;
use crate::control::redaction::{has_secret, redacted_path};
use crate::service::map::content_hash;
use crate::service::refusal::{AccessTokenFault, Refusal};
use crate::service::{OpenedToken, UserService};

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");

/// The end of a request, as far as advice looks at it.
pub struct Ending {
    /// What the client gets.
    pub answer: Answer,
    /// Whether the answer is the one that the call gave.
    pub is_genuine: bool,
    /// The reason of a refusal.
    pub refused: Option<Refused>,
    /// The time that the answer asks to wait.
    pub retry_after: Option<RetryAfter>,
    /// Whether the answer announces the end of the authentication by device token.
    pub announces_end: bool,
}

impl Ending {
    /// The end of a request whose client has given up.
    pub const GAVE_UP: Self =
        Self { answer: Answer::GaveUp, is_genuine: false, refused: None, retry_after: None, announces_end: false };

    /// The end of a request with an answer. `arrival` is what was seen of it before, and `envelope_status` the status in the
    /// envelope of an answer that a fault made up.
    pub fn new(
        answer: &HttpAnswer,
        arrival: Option<&Arrival>,
        is_genuine: bool,
        refused: Option<Refused>,
        envelope_status: Option<u16>,
    ) -> Self {
        let Ok(response) = answer else {
            return Self { answer: Answer::Closed, is_genuine, refused, retry_after: None, announces_end: false };
        };
        let status = response.status();
        let asks_to_wait = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        let retry_after = asks_to_wait.then(|| sent_header(response, &RETRY_AFTER)).flatten();
        Self {
            answer: Answer::Status(envelope_status.unwrap_or_else(|| status.as_u16())),
            is_genuine,
            refused,
            retry_after: retry_after.and_then(|value| RetryAfter::parse(value.to_str().ok()?)),
            announces_end: arrival.is_some_and(|arrival| arrival.uses_device_token)
                && sent_header(response, &DEPRECATION).is_some(),
        }
    }
}

/// A request when it arrives.
pub fn arrival(
    request: &ReceivedRequest,
    facts: &RequestFacts,
    opened: Option<&OpenedToken>,
    service: &UserService,
) -> Arrival {
    let (call, actor) = (request.call(), Actor::of(opened, facts.device_token));
    let is_refresh = call == Some(Call::RefreshToken);
    let refresh_token = if is_refresh { request.json.text("RefreshToken") } else { None };
    let headers = &request.head.headers;
    let takes_device_token =
        call.is_some_and(|call| matches!(call.endpoint().access, Access::User | Access::Admin | Access::UserOrAdmin));
    Arrival {
        number: facts.number,
        owner: facts.owner,
        call,
        actor,
        at: service.real_time(),
        access_number: opened.map(|token| token.id.number),
        lifetime: opened.filter(|_| is_refresh).map(|token| (token.issued, token.expires)),
        refresh_token: refresh_token.map(|token| content_hash(token.as_bytes())),
        body: request.body.clone().unwrap_or_default(),
        has_secret_in_url: has_secret_in_url(request, facts),
        uses_device_token: takes_device_token
            && headers.contains_key(DEVICE_TOKEN)
            && !headers.contains_key(AUTHORIZATION),
    }
}

/// The reason of a refusal, if advice cares.
pub fn refused(outcome: Option<&ApiError>, actor: Option<Actor>, service: &UserService) -> Option<Refused> {
    let Some(ApiError::Refused(refusal)) = outcome else { return None };
    match refusal {
        Refusal::AccessToken(AccessTokenFault::Expired) => {
            let can_refresh = matches!(actor, Some(Actor::User(user)) if service.has_valid_refresh_token(user));
            Some(Refused::Expired { can_refresh })
        }
        Refusal::AccessToken(AccessTokenFault::DeviceTokenSunset) => Some(Refused::DeviceTokenSunset),
        Refusal::RefreshToken { fault, .. } => Some(Refused::RefreshToken(*fault)),
        Refusal::AccessToken(_)
        | Refusal::Invalid(_)
        | Refusal::WrongLogin
        | Refusal::WrongInstance
        | Refusal::Deactivated
        | Refusal::NotAnAdmin
        | Refusal::LockedOut { .. }
        | Refusal::NotAUser
        | Refusal::NotPermitted
        | Refusal::NotFound(_) => None,
    }
}

fn has_secret_in_url(request: &ReceivedRequest, facts: &RequestFacts) -> bool {
    // Most paths are those of the route table, which contain none.
    let is_in_path = || matches!(&facts.path, Cow::Owned(path) if redacted_path(path) != path.as_str());
    request.head.uri.query().is_some_and(has_secret) || is_in_path()
}
