//! One call of the contract from its request to its answer: whose it is, the barriers and faults that are about it, the
//! call itself, the hint, and the entry in the journal.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use serde_json::{Value, json};
use telematics_contract::Call;
use warp::Reply as _;
use warp::http::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use warp::http::{Request, StatusCode};
use warp::reply::Response;

use super::answer::{self, Kept};
use super::arrival::Arrival;
use super::body::{Body, dribbled, plain, truncated};
use super::clues::Clues;
use super::error::ApiError;
use super::request::{ClientAddress, Prepared};
use super::routing::Resolution;
use super::{Route, routed, spelled};
use crate::control::Control;
use crate::control::facts::Facts;
use crate::control::faults::{Effect, Fired};
use crate::control::journal::{Entry, KeptBody};
use crate::service::ids::{DeviceToken, InstanceId};
use crate::service::{OpenedToken, UserService};

/// The header of a hint.
const HINT: HeaderName = HeaderName::from_static("x-mock-hint");

/// An answer that goes over the wire.
pub type Sent = warp::http::Response<Body>;

/// The connection is closed without an answer, because a fault says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fault closed the connection")]
pub struct Closed {
    /// Whether it is reset, so that the client sees an error and not an end.
    pub reset: bool,
}

/// What answers the calls of the contract.
pub struct Exchanges {
    /// The service.
    pub service: Arc<UserService>,
    /// The control plane.
    pub control: Arc<Control>,
    /// The routes of the calls.
    pub calls: Route,
}

impl Exchanges {
    /// Answers a call, or says that the connection is to be closed; and says whose call it was.
    pub async fn answer(&self, request: Request<Incoming>) -> (Option<InstanceId>, Result<Sent, Closed>) {
        let number = self.control.next_request();
        let arrival = Arrival::of(request).await;
        let (facts, opened) = arrival.whose(number, &self.service);
        let clues = Clues::of(&arrival, &facts, &self.service);
        let call = arrival.call();
        let query = arrival.head.uri.query().unwrap_or_default().to_owned();
        let asked = arrival.body.as_ref().map_or_else(|_| Bytes::new(), Bytes::clone);

        self.control.barriers.pass(&facts).await;
        let fired = self.fire(&facts).await;
        let effect = fired.as_ref().map(|fired| &fired.effect);
        let mut response = match effect.and_then(in_place_of_the_call) {
            Some(response) => response,
            None => self.call(arrival, number, opened).await,
        };
        let answered = response.extensions().get::<Kept>().map(|Kept(bytes)| bytes.clone()).unwrap_or_default();
        let closed = effect.and_then(closed);
        let hint = match closed {
            None => clues.hint(&response, effect.map(|_| &answered)),
            // Nobody reads it.
            Some(_) => None,
        };
        if let Some(Ok(hint)) = hint.as_deref().map(HeaderValue::try_from) {
            response.headers_mut().insert(HINT, hint);
        }

        let instance = facts.instance;
        let status = closed.is_none().then(|| response.status().as_u16());
        let Facts { number, method, path, device_token, .. } = facts;
        self.note(
            call,
            Entry {
                number,
                at: self.service.now(instance),
                instance,
                method,
                path,
                query,
                status,
                device_token,
                request_body: KeptBody::of(&asked),
                response_body: KeptBody::of(&answered),
                fault: fired.as_ref().map(|fired| fired.id),
                hint,
            },
        );
        let sent = match (closed, fired) {
            (Some(closed), _) => Err(closed),
            (None, Some(fired)) => Ok(spoilt(fired.effect, response).await),
            (None, None) => Ok(response.map(plain)),
        };
        (instance, sent)
    }

    /// The fault that fires for a request, after the time it holds it up.
    async fn fire(&self, facts: &Facts) -> Option<Fired> {
        let fired = self.control.faults.fire(facts)?;
        self.control.events.tell(
            facts.instance,
            "fault",
            || json!({ "request": facts.number, "fault": fired.id, "method": facts.method, "path": facts.path }),
        );
        if fired.wait_ms > 0 {
            tokio::time::sleep(Duration::from_millis(fired.wait_ms)).await;
        }
        Some(fired)
    }

    /// Lets the call happen.
    async fn call(&self, arrival: Arrival, number: u64, opened: Option<OpenedToken>) -> Response {
        let Arrival { head, resolution, body, json } = arrival;
        let path = match resolution {
            Resolution::Found { path, .. } => path,
            Resolution::Unknown => return ApiError::UnknownPath.into_response(),
            Resolution::WrongMethod { allow } => return ApiError::WrongMethod { allow }.into_response(),
        };
        let body = match body {
            Ok(body) => body,
            Err(error) => return error.into_response(),
        };
        let address = head.extensions.get::<ClientAddress>().map(|ClientAddress(address)| *address);
        let mut request = spelled(Request::from_parts(head, Full::new(body)), &path);
        request.extensions_mut().insert(Prepared::new(number, address, opened, json));
        routed(&self.calls, request).await
    }

    /// Tells whoever listens, and writes the entry down.
    fn note(&self, call: Option<Call>, entry: Entry) {
        let events = &self.control.events;
        let (number, instance) = (entry.number, entry.instance);
        if let Some(hint) = &entry.hint {
            events.tell(instance, "hint", || json!({ "request": number, "hint": hint }));
        }
        if entry.status == Some(200) && matches!(call, Some(Call::Register | Call::Login | Call::RefreshToken)) {
            let user = || entry.user().as_ref().map(DeviceToken::to_string);
            events.tell(instance, "token", || json!({ "request": number, "call": entry.path, "deviceToken": user() }));
        }
        events.tell(instance, "request", || {
            json!({ "number": number, "method": entry.method, "path": entry.path, "status": entry.status,
                "fault": entry.fault, "deviceToken": entry.device_token.map(|token| token.to_string()) })
        });
        if self.control.keeps_journal {
            let entry = entry.for_keeping();
            self.control.journal.lock().push(entry);
        }
    }
}

/// What is answered in the place of the call, where it does not happen.
fn in_place_of_the_call(effect: &Effect) -> Option<Response> {
    if effect.reset {
        // Nobody sees it.
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

/// How the connection is closed without an answer, if it is.
const fn closed(effect: &Effect) -> Option<Closed> {
    if effect.reset {
        Some(Closed { reset: true })
    } else if effect.commit_then_drop {
        Some(Closed { reset: false })
    } else {
        None
    }
}

/// An answer with the headers of a fault, and with its body slowed down or broken off.
async fn spoilt(effect: Effect, mut response: Response) -> Sent {
    for (name, value) in &effect.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    if effect.truncate_body.is_none() && effect.dribble_ms == 0 {
        return response.map(plain);
    }
    let (mut head, body) = response.into_parts();
    let bytes = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    // The length of the whole body, so that the client knows that some is missing.
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let over = Duration::from_millis(effect.dribble_ms);
    let body = match effect.truncate_body {
        Some(length) => truncated(bytes, length, over),
        None => dribbled(bytes, over),
    };
    Sent::from_parts(head, body)
}
