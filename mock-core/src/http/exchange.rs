//! Handles one request to the contract: finds its owner, waits at barriers, applies a fault, makes the call, adds a hint and
//! writes the journal.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use serde_json::Value;
use telematics_contract::Call;

use super::answer::{self, Answer, Closed};
use super::body::{Body, BodyFault, Response, TimedBody};
use super::call_request::CallRequest;
use super::calls;
use super::context::Context;
use super::error::{ApiError, HandlerResult};
use super::hint_input::{envelope_status, hint, misuse_in};
use super::received::ReceivedRequest;
use super::routing::Resolution;
use crate::control::Control;
use crate::control::events::EventKind;
use crate::control::facts::RequestFacts;
use crate::control::faults::{FaultEffect, TriggeredFault};
use crate::control::hints::HintInput;
use crate::control::journal::{Entry, KeptBody};
use crate::service::{OpenedToken, RequestNumber, Scope};

/// The header of a hint.
const HINT: HeaderName = HeaderName::from_static("x-mock-hint");

/// Answers a request; returns the scope that it belongs to as well.
pub async fn answer(context: &Context, request: ReceivedRequest) -> (Scope, Answer) {
    let mock = &*context.mock;
    let control = &mock.control;
    let number = control.next_request();
    let (facts, opened) = request.identify(number, &mock.service);
    let misuse = misuse_in(&request, &facts, &mock.service);
    let call = request.call();
    let uri = request.head.uri.clone();
    let request_body = match &request.body {
        Ok(body) if control.journal.is_on() => KeptBody::copied(body),
        Ok(_) | Err(_) => KeptBody::None,
    };

    control.barriers.pass(&facts, &*mock.runtime).await;
    let fault = trigger_fault(context, &facts).await;
    let effect = fault.as_ref().map(|fault| &fault.effect);
    let made_up = effect.and_then(made_up_answer);
    let is_made_up = made_up.is_some();
    let outcome = match made_up {
        Some(response) => Ok(response),
        None => make_call(context, request, number, opened).await,
    };
    let refresh_token = outcome.as_ref().err().and_then(ApiError::refused_refresh_token);
    let mut response = outcome.unwrap_or_else(|error| error.into_response());
    let response_body = response.body().bytes();
    let closed = effect.and_then(closes_connection);

    let status = response.status().as_u16();
    let hint = match closed {
        None => hint(&HintInput {
            method: &facts.method,
            path: uri.path(),
            call,
            status,
            envelope_status: effect.and_then(|_| envelope_status(&response_body)),
            refresh_token,
            misuse,
        }),
        // No client receives it.
        Some(_) => None,
    };
    if let Some(Ok(hint)) = hint.as_deref().map(HeaderValue::try_from) {
        response.headers_mut().insert(HINT, hint);
    }

    let owner = facts.owner;
    let RequestFacts { number, method, path, device_token, .. } = facts;
    let entry = Entry {
        number,
        at: mock.service.now(owner),
        owner,
        method,
        path,
        query: uri.query().unwrap_or_default().into(),
        status: closed.is_none().then_some(status),
        device_token,
        request_body,
        response_body: KeptBody::sharing(&response_body),
        fault: fault.as_ref().map(|fault| fault.id),
        hint: hint.map(Into::into),
    };
    report(control, call.filter(|_| !is_made_up), entry);
    let answer = match (closed, fault) {
        (Some(closed), _) => Err(closed),
        (None, Some(fault)) => Ok(apply_effect(fault.effect, response, &response_body)),
        (None, None) => Ok(response),
    };
    (owner, answer)
}

/// Finds the fault that applies to a request, and holds the request up for as long as the fault asks.
async fn trigger_fault(context: &Context, facts: &RequestFacts) -> Option<TriggeredFault> {
    let control = &context.mock.control;
    let fault = control.faults.trigger(facts)?;
    control.events.send(facts.owner, || EventKind::Fault {
        request: facts.number,
        fault: fault.id,
        method: facts.method.clone(),
        path: facts.path.clone(),
    });
    if fault.wait_ms > 0 {
        context.mock.runtime.sleep(Duration::from_millis(fault.wait_ms)).await;
    }
    Some(fault)
}

/// Makes the call.
async fn make_call(
    context: &Context,
    request: ReceivedRequest,
    number: u64,
    opened: Option<OpenedToken>,
) -> HandlerResult {
    let ReceivedRequest { head, client, resolution, body, json } = request;
    let found = match resolution {
        Resolution::Found(found) => found,
        Resolution::Unknown => return Err(ApiError::UnknownPath),
        Resolution::WrongMethod { allow } => return Err(ApiError::WrongMethod { allow }),
    };
    let body = body.map_err(|fault| match fault {
        BodyFault::TooLarge => ApiError::TooLarge,
        BodyFault::BrokenOff => ApiError::Unreadable,
        BodyFault::TooSlow => ApiError::TooSlow,
    })?;
    calls::dispatch(
        context,
        CallRequest { number: RequestNumber::new(number), found, head, client, opened, body, json },
    )
    .await
}

/// Sends the events of a request and writes its entry into the journal. `call` is the call that was made, if one was.
fn report(control: &Control, call: Option<Call>, entry: Entry) {
    let Entry { number, owner, .. } = entry;
    if let Some(hint) = &entry.hint {
        control.events.send(owner, || EventKind::Hint { request: number, hint: hint.clone() });
    }
    if entry.status == Some(200) && matches!(call, Some(Call::Register | Call::Login | Call::RefreshToken)) {
        control.events.send(owner, || EventKind::TokensIssued {
            request: number,
            call: entry.path.clone(),
            device_token: entry.user(),
        });
    }
    control.events.send(owner, || EventKind::Request {
        number,
        method: entry.method.clone(),
        path: entry.path.clone(),
        status: entry.status,
        fault: entry.fault,
        device_token: entry.device_token,
    });
    control.journal.push(entry);
}

/// The answer that a fault gives instead of making the call.
fn made_up_answer(effect: &FaultEffect) -> Option<Response> {
    if effect.reset {
        // No client receives it.
        return Some(Response::default());
    }
    let status = effect.status.and_then(|status| StatusCode::from_u16(status).ok());
    match (status, &effect.body) {
        (None, None) => None,
        (Some(status), None) => Some(answer::failure(status, "A fault of the mock server.", Vec::new())),
        (status, Some(Value::String(text))) => Some(answer::text(status.unwrap_or(StatusCode::OK), text.clone())),
        (status, Some(body)) => Some(answer::json(status.unwrap_or(StatusCode::OK), body)),
    }
}

/// How a fault closes the connection without an answer, if it does.
const fn closes_connection(effect: &FaultEffect) -> Option<Closed> {
    if effect.reset {
        Some(Closed { reset: true })
    } else if effect.commit_then_drop {
        Some(Closed { reset: false })
    } else {
        None
    }
}

/// Adds the headers of a fault to an answer, and slows its body down or breaks it off.
fn apply_effect(effect: FaultEffect, mut response: Response, bytes: &Bytes) -> Response {
    for (name, value) in &effect.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    if effect.truncate_body.is_none() && effect.dribble_ms == 0 {
        return response;
    }
    // The length of the whole body, so that the client notices that some of it is missing.
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let over = Duration::from_millis(effect.dribble_ms);
    *response.body_mut() = Body::Timed(Box::new(match effect.truncate_body {
        Some(length) => TimedBody::truncated(bytes, length, over),
        None => TimedBody::dribbled(bytes, over),
    }));
    response
}
