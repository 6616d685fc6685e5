//! Handles one request to the contract: finds its owner, waits at barriers, applies a fault, makes the call, adds a hint and
//! writes the journal.

use std::time::Duration;

use http::header::{HeaderName, HeaderValue};

use super::advice_input::{Ending, refused};
use super::answer::Answer;
use super::call_request::CallRequest;
use super::calls;
use super::context::Context;
use super::error::{ApiError, HandlerResult};
use super::fault_effect::{change_answer, closes_connection, made_up_answer, sent_part, shape_answer};
use super::hint_input::{envelope_status, hints, misuse_in};
use super::received::ReceivedRequest;
use super::request_content::RequestContent;
use super::routing::Resolution;
use super::underway::{End, Underway};
use crate::control::advice::Actor;
use crate::control::events::EventKind;
use crate::control::facts::RequestFacts;
use crate::control::faults::{FaultEffect, Hold, TriggeredFault};
use crate::control::hints::HintInput;
use crate::service::{OpenedToken, RequestNumber, Scope};

/// The header of a hint.
const HINT: HeaderName = HeaderName::from_static("x-mock-hint");

/// Answers a request; returns the scope that it belongs to as well.
pub async fn answer(context: &Context, request: ReceivedRequest) -> (Scope, Answer) {
    let mock = &*context.mock;
    let number = mock.control.next_request();
    let (facts, opened) = request.identify(number, &mock.service);
    let misuse = misuse_in(&request, &facts, &mock.service);
    let (owner, method, call) = (facts.owner, facts.method.clone(), request.call());
    let uri = request.head.uri.clone();
    let actor = Actor::of(opened.as_ref(), facts.device_token);
    let mut underway = Underway::start(mock, &request, facts.clone(), opened.as_ref());

    let fault = trigger_fault(context, &request, &facts).await;
    if let Some(fault) = &fault {
        underway.hit_by(fault.id);
        hold_request(context, fault).await;
    }
    let effect = fault.as_ref().map(|fault| &*fault.effect);
    let made_up = effect.and_then(made_up_answer);
    let is_made_up = made_up.is_some();
    let outcome = match made_up {
        Some(response) => Ok(response),
        None => make_call(context, request, number, opened).await,
    };
    let refresh_token = outcome.as_ref().err().and_then(ApiError::refused_refresh_token);
    let refused = refused(outcome.as_ref().err(), actor, &mock.service);
    let mut response = outcome.unwrap_or_else(|error| error.into_response());
    let is_of_call = effect.is_none_or(|effect| change_answer(effect, &mut response)) && !is_made_up;
    if let Some(fault) = &fault {
        hold_response(context, fault).await;
    }

    let body = response.body().bytes();
    let closed = effect.and_then(closes_connection);
    let status = response.status().as_u16();
    let envelope_status = effect.and_then(|_| envelope_status(&body));
    let hints = match closed {
        None => hints(&HintInput {
            method: &method,
            path: uri.path(),
            call,
            status,
            envelope_status,
            refresh_token,
            misuse,
        }),
        // No client receives it.
        Some(_) => Vec::new(),
    };
    if let Some(Ok(hint)) = hints.first().map(|hint| HeaderValue::try_from(&hint.text)) {
        response.headers_mut().insert(HINT, hint);
    }
    let made = call.filter(|_| is_of_call).map(|call| (call, sent_part(effect, &body)));
    let answer = match (closed, effect) {
        (Some(closed), _) => Err(closed),
        (None, Some(effect)) => Ok(shape_answer(effect, response, &body)),
        (None, None) => Ok(response),
    };
    let is_genuine = effect.is_none_or(FaultEffect::keeps_answer);
    let ending = Ending::new(&answer, underway.arrival(), is_genuine, refused, envelope_status);
    underway.end(End { status: closed.is_none().then_some(status), body, hints, made, ending });
    (owner, answer)
}

/// Holds a request at a barrier, and then finds the fault that applies to it.
async fn trigger_fault(context: &Context, request: &ReceivedRequest, facts: &RequestFacts) -> Option<TriggeredFault> {
    let mock = &*context.mock;
    let content = RequestContent::new(request);
    mock.control.barriers.pass(facts, &content, || mock.service.real_time(), &*mock.runtime).await;
    let fault = mock.control.faults.trigger(facts, &content)?;
    mock.control.events.send(facts.owner, || EventKind::Fault {
        request: facts.number,
        fault: fault.id,
        method: facts.method.clone(),
        path: facts.path.clone(),
    });
    Some(fault)
}

/// Holds a request up before the call, for as long as the fault asks.
async fn hold_request(context: &Context, fault: &TriggeredFault) {
    wait(context, fault.wait_ms).await;
    if fault.effect.hold == Some(Hold::Request) {
        fault.gate.hold().await;
    }
}

/// Holds an answer up after the call, for as long as the fault asks.
async fn hold_response(context: &Context, fault: &TriggeredFault) {
    let FaultEffect { hold, response_delay_ms, .. } = &*fault.effect;
    if *hold == Some(Hold::Response) {
        fault.gate.hold().await;
    }
    wait(context, *response_delay_ms).await;
}

async fn wait(context: &Context, milliseconds: u64) {
    if milliseconds > 0 {
        context.mock.runtime.sleep(Duration::from_millis(milliseconds)).await;
    }
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
    calls::dispatch(
        context,
        CallRequest { number: RequestNumber::new(number), found, head, client, opened, body, json },
    )
    .await
}
