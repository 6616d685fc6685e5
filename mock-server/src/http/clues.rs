//! What an exchange tells about the integrator's mistakes: the clues that a hint is made from.

use bytes::Bytes;
use serde_json::Value;
use telematics_contract::Call;
use telematics_contract::headers::INSTANCE_KEY;
use warp::http::header::ORIGIN;
use warp::http::{HeaderMap, StatusCode};
use warp::reply::Response;

use super::arrival::{Arrival, bearer, text};
use super::body::ParsedBody;
use super::control::is_local_page;
use crate::control::facts::Facts;
use crate::control::hints::{self, RefreshFault, Scene};
use crate::service::refusal::RefreshTokenFault;
use crate::service::{Refusal, UserService};

/// Why a refresh token was refused; put beside the answer for the hint.
#[derive(Clone, Copy, Debug)]
pub struct RefusedFor(RefreshTokenFault);

impl RefusedFor {
    /// The reason, if a refusal is about a refresh token.
    pub const fn of(refusal: &Refusal) -> Option<Self> {
        if let Refusal::RefreshToken { fault, .. } = refusal { Some(Self(*fault)) } else { None }
    }
}

/// The clues that are there before the call runs.
pub struct Clues {
    method: String,
    path: String,
    call: Option<Call>,
    sends_text_for_token: bool,
    key_from_foreign_page: bool,
    misplaced_field: Option<&'static str>,
    could_refresh: bool,
}

impl Clues {
    /// Looks at a request before its call runs.
    pub fn of(arrival: &Arrival, facts: &Facts, service: &UserService) -> Self {
        let (call, headers) = (arrival.call(), &arrival.head.headers);
        let logs_in = call == Some(Call::Login);
        Self {
            method: facts.method.clone(),
            // As it was asked: a hint quotes it.
            path: arrival.head.uri.path().to_owned(),
            call,
            sends_text_for_token: bearer(headers)
                .is_some_and(|token| matches!(token, "undefined" | "null" | "[object Object]")),
            key_from_foreign_page: key_from_foreign_page(headers),
            misplaced_field: misplaced(call, &arrival.json),
            could_refresh: logs_in && facts.device_token.is_some_and(|user| service.has_good_refresh_token(user)),
        }
    }

    /// The hint for an answer; `made_up` is its body where a fault made it up.
    pub fn hint(&self, response: &Response, made_up: Option<&Bytes>) -> Option<String> {
        let refused = response.extensions().get::<RefusedFor>();
        hints::hint(&Scene {
            method: &self.method,
            path: &self.path,
            call: self.call,
            status: response.status().as_u16(),
            envelope_status: made_up.and_then(envelope_status),
            sends_text_for_token: self.sends_text_for_token,
            key_from_foreign_page: self.key_from_foreign_page,
            misplaced_field: self.misplaced_field,
            refresh_token: refused.and_then(|RefusedFor(fault)| mistake(*fault)),
            login_instead_of_refresh: self.could_refresh && response.status() == StatusCode::OK,
        })
    }
}

fn key_from_foreign_page(headers: &HeaderMap) -> bool {
    headers.contains_key(INSTANCE_KEY) && text(headers, ORIGIN.as_str()).is_some_and(|origin| !is_local_page(origin))
}

/// A property of a user at the top level that belongs into `UserFields`.
fn misplaced(call: Option<Call>, json: &ParsedBody) -> Option<&'static str> {
    const FIELDS: [&str; 5] = ["ClientId", "EnableTracking", "EnableLogging", "EnableRealTimeLocation", "Enabled"];
    let is_about_a_user = matches!(call, Some(Call::Register | Call::UpdateUser));
    FIELDS.into_iter().find(|field| is_about_a_user && json.has(field))
}

fn envelope_status(body: &Bytes) -> Option<u16> {
    let envelope: Value = serde_json::from_slice(body).ok()?;
    envelope.get("Status")?.as_u64()?.try_into().ok()
}

/// What an integrator can do something about.
const fn mistake(fault: RefreshTokenFault) -> Option<RefreshFault> {
    match fault {
        RefreshTokenFault::AlreadyUsed => Some(RefreshFault::AlreadyUsed),
        RefreshTokenFault::Superseded => Some(RefreshFault::Superseded),
        RefreshTokenFault::Revoked => Some(RefreshFault::Revoked),
        RefreshTokenFault::Unknown | RefreshTokenFault::Expired | RefreshTokenFault::UserGone => None,
    }
}
