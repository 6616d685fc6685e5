//! Collects from a request and its answer what a hint may look at.

use bytes::Bytes;
use http::header::{ORIGIN, USER_AGENT};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use telematics_contract::Call;
use telematics_contract::headers::INSTANCE_KEY;

use super::control::is_local_page;
use super::headers::{bearer, text};
use super::parsed_body::ParsedBody;
use super::received::ReceivedRequest;
use crate::control::facts::RequestFacts;
use crate::control::hints::{Form, Hint, HintInput, Misuse};
use crate::service::UserService;

/// The part of a request that a hint may look at; collected before the call runs, because the call consumes the body.
pub fn misuse_in(request: &ReceivedRequest, facts: &RequestFacts, service: &UserService) -> Misuse {
    let (call, headers) = (request.call(), &request.head.headers);
    let logs_in = call == Some(Call::Login);
    Misuse {
        sends_text_for_token: bearer(headers)
            .is_some_and(|token| matches!(token, "undefined" | "null" | "[object Object]")),
        key_from_foreign_page: key_from_foreign_page(headers),
        misplaced_field: misplaced_field(call, &request.json),
        key_from_phone: headers.contains_key(INSTANCE_KEY) && is_from_phone(headers),
        form: form(call, request),
        could_refresh: logs_in && facts.device_token.is_some_and(|user| service.has_valid_refresh_token(user)),
    }
}

/// The status in the envelope of an answer that a fault made up.
pub fn envelope_status(body: &Bytes) -> Option<u16> {
    let envelope: Value = serde_json::from_slice(body).ok()?;
    envelope.get("Status")?.as_u64()?.try_into().ok()
}

/// The hints for an answer, the most important one first.
pub fn hints(input: &HintInput<'_>) -> Vec<Hint> {
    // Almost every request is made well: it needs no further look.
    let is_good = input.status == StatusCode::OK.as_u16() && input.envelope_status.is_none();
    if is_good && input.misuse == Misuse::default() { Vec::new() } else { crate::control::hints::hints(input) }
}

fn key_from_foreign_page(headers: &HeaderMap) -> bool {
    headers.contains_key(INSTANCE_KEY) && text(headers, ORIGIN.as_str()).is_some_and(|origin| !is_local_page(origin))
}

/// Whether the HTTP library of a phone sent the request.
fn is_from_phone(headers: &HeaderMap) -> bool {
    // The libraries of Android, of iOS and of Flutter.
    const LIBRARIES: [&str; 3] = ["okhttp/", "CFNetwork/", "(dart:io)"];
    text(headers, USER_AGENT.as_str()).is_some_and(|agent| LIBRARIES.iter().any(|library| agent.contains(library)))
}

/// The form of the body, if it is not that of the vendor's reference.
fn form(call: Option<Call>, request: &ReceivedRequest) -> Option<Form> {
    let json = &request.json;
    let is = |wanted| call == Some(wanted);
    let has_no_query = || request.head.uri.query().is_none();
    let forms = [
        (Form::LoginSpelling, is(Call::Login) && json.has_misspelt_device_token()),
        (Form::NestedFilters, is(Call::ListUsers) && (json.has("Filters") || json.has("Pagination"))),
        (Form::FieldsAsArray, is(Call::UpdateUser) && json.has_array("UserFields")),
        (Form::NestedProfile, (is(Call::Register) || is(Call::UpdateUser)) && json.has("UserProfile")),
        (Form::NamedInPath, is(Call::UpdateNamedUser)),
        (Form::ChangesInBody, is(Call::UpdateInstance) && json.is_object() && has_no_query()),
    ];
    forms.into_iter().find(|(_, is_sent)| *is_sent).map(|(form, _)| form)
}

/// A field at the top level of the body that belongs into `UserFields`.
fn misplaced_field(call: Option<Call>, json: &ParsedBody) -> Option<&'static str> {
    const FIELDS: [&str; 5] = ["ClientId", "EnableTracking", "EnableLogging", "EnableRealTimeLocation", "Enabled"];
    let is_about_a_user = matches!(call, Some(Call::Register | Call::UpdateUser));
    FIELDS.into_iter().find(|field| is_about_a_user && json.has(field))
}
