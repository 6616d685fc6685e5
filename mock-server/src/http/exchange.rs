//! One call of the contract from its request to its answer: whose it is, the barriers and faults that are about it, the
//! call itself, the hint, and the entry in the journal.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use serde_json::{Value, json};
use telematics_contract::Call;
use telematics_contract::headers::{DEVICE_TOKEN, INSTANCE_ID, INSTANCE_KEY};
use warp::Reply as _;
use warp::http::header::{AUTHORIZATION, HeaderName, HeaderValue, ORIGIN};
use warp::http::{HeaderMap, Request, StatusCode};
use warp::reply::Response;

use super::answer::{self, Kept};
use super::body::{Body, ParsedBody, dribbled, plain, truncated, whole};
use super::control::is_local_page;
use super::error::ApiError;
use super::request::{ClientAddress, Prepared};
use super::routing::{Resolution, resolve};
use super::{Route, routed, spelled};
use crate::control::Control;
use crate::control::facts::Facts;
use crate::control::faults::Fired;
use crate::control::hints::{self, RefreshFault, Scene};
use crate::control::journal::{Entry, KeptBody};
use crate::service::ids::{DeviceToken, InstanceId};
use crate::service::jwt::Subject;
use crate::service::refusal::RefreshTokenFault;
use crate::service::{OpenedToken, Refusal, UserService};

/// The largest body of a call \[F, P\].
const MAX_BODY_BYTES: usize = 1 << 20;
/// The largest body of an upload \[F, P\].
const MAX_UPLOAD_BYTES: usize = 5 << 20;

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

/// Why a refresh token was refused; put beside the answer for the hint.
#[derive(Clone, Copy, Debug)]
pub struct RefusedFor(pub RefreshTokenFault);

/// What answers the calls of the contract.
pub struct Exchanges {
    /// The service.
    pub service: Arc<UserService>,
    /// The control plane.
    pub control: Arc<Control>,
    /// The routes of the calls.
    pub calls: Route,
}

/// What is known of a request once its body is read.
struct Known {
    facts: Facts,
    opened: Option<OpenedToken>,
    json: ParsedBody,
}

impl Exchanges {
    /// Answers a call, or says that the connection is to be closed.
    ///
    /// # Errors
    ///
    /// A fault closes the connection.
    pub async fn answer(&self, request: Request<Incoming>) -> (Option<InstanceId>, Result<Sent, Closed>) {
        let number = self.control.next_request();
        let (method, asked_path) = (request.method().as_str().to_owned(), request.uri().path().to_owned());
        let query = request.uri().query().unwrap_or_default().to_owned();
        let resolution = resolve(&method, &asked_path);
        let (call, path) = match &resolution {
            Resolution::Found { call, path } => (Some(*call), path.clone()),
            Resolution::WrongMethod { .. } | Resolution::Unknown => (None, asked_path.clone()),
        };
        let (head, body) = request.into_parts();
        let limit = if call == Some(Call::UploadImage) { MAX_UPLOAD_BYTES } else { MAX_BODY_BYTES };
        // Nobody waits for the body of a call that does not exist.
        let body = if call.is_some() { whole(body, limit).await } else { Ok(Bytes::new()) };
        let bytes = body.as_ref().map_or_else(|_| Bytes::new(), Bytes::clone);
        let headers = head.headers.clone();
        let known = self.known(number, call, &path, &method, &headers, &bytes);

        self.control.barriers.pass(&known.facts).await;
        let fired = self.control.faults.fire(&known.facts);
        if let Some(fired) = &fired {
            self.tell_fault(&known.facts, fired);
            if fired.wait_ms > 0 {
                tokio::time::sleep(Duration::from_millis(fired.wait_ms)).await;
            }
        }
        let login_instead_of_refresh = call == Some(Call::Login) && self.could_refresh(&known.facts);
        let misplaced_field = misplaced(call, &known.json);
        let (facts, opened) = (known.facts.clone(), known.opened);

        let made_up = fired.as_ref().and_then(made_up);
        let happens = made_up.is_none() && !fired.as_ref().is_some_and(|fired| fired.effect.reset);
        let mut response = match (made_up, body) {
            (Some(response), _) => response,
            (None, _) if !happens => Response::default(),
            (None, Err(error)) => error.into_response(),
            (None, Ok(body)) => match resolution {
                Resolution::Unknown => ApiError::UnknownPath.into_response(),
                Resolution::WrongMethod { allow } => ApiError::WrongMethod { allow }.into_response(),
                Resolution::Found { .. } => {
                    let mut request = spelled(Request::from_parts(head, Full::new(body)), &path);
                    let address = request.extensions().get::<ClientAddress>().map(|ClientAddress(address)| *address);
                    request.extensions_mut().insert(Prepared::new(number, address, opened, known.json));
                    routed(&self.calls, request).await
                }
            },
        };

        let closes = fired.as_ref().is_some_and(|fired| fired.effect.reset || fired.effect.commit_then_drop);
        let kept = response.extensions().get::<Kept>().map(|Kept(bytes)| bytes.clone()).unwrap_or_default();
        let scene = Scene {
            method: &method,
            path: &asked_path,
            call,
            status: response.status().as_u16(),
            envelope_status: fired.as_ref().and_then(|_| envelope_status(&kept)),
            sends_text_for_token: sends_text(&headers),
            key_from_foreign_page: key_from_foreign_page(&headers),
            misplaced_field,
            refresh_token: response.extensions().get::<RefusedFor>().and_then(|RefusedFor(fault)| fault_of(*fault)),
            login_instead_of_refresh: login_instead_of_refresh && response.status() == StatusCode::OK,
        };
        let hint = if closes { None } else { hints::hint(&scene) };
        if let Some(Ok(hint)) = hint.as_deref().map(HeaderValue::try_from) {
            response.headers_mut().insert(HINT, hint);
        }
        let status = (!closes).then(|| response.status().as_u16());
        let fault = fired.as_ref().map(|fired| fired.id);
        let instance = facts.instance;
        self.note(facts, call, query, status, &bytes, &kept, fault, hint);

        let sent = match fired {
            _ if closes && scene_resets(fired.as_ref()) => Err(Closed { reset: true }),
            _ if closes => Err(Closed { reset: false }),
            Some(fired) => Ok(self.spoilt(fired, response).await),
            None => Ok(response.map(plain)),
        };
        (instance, sent)
    }

    fn known(
        &self,
        number: u64,
        call: Option<Call>,
        path: &str,
        method: &str,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Known {
        let json = ParsedBody::of(headers, body);
        let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
        // A refresh is about the token in its body; any other call about that in its header.
        let opened = if call == Some(Call::RefreshToken) {
            json.text("AccessToken").and_then(|token| self.service.open(token))
        } else {
            bearer.and_then(|token| self.service.open(token))
        };
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let instance = opened
            .and_then(|token| self.service.home_of(&token.subject))
            .or_else(|| text(INSTANCE_ID).and_then(|id| id.parse().ok()).filter(|id| self.service.has_instance(*id)))
            .or_else(|| {
                let code = match call {
                    Some(Call::Register) => json.text("InstanceInviteCode")?,
                    Some(Call::JoinInstance) => path.rsplit('/').next()?,
                    Some(_) | None => return None,
                };
                self.service.invited(code)
            });
        let device_token = match (opened.map(|token| token.subject), call) {
            (Some(Subject::User { device_token, .. }), _) => Some(device_token),
            (Some(Subject::Admin(_)), Some(Call::DeleteUser)) => path.rsplit('/').next().and_then(|id| id.parse().ok()),
            (None, Some(Call::Login)) => json.login_device_token(),
            (Some(Subject::Admin(_)) | None, _) => text(DEVICE_TOKEN).and_then(|id| id.parse().ok()),
        };
        let facts = Facts { number, instance, method: method.to_owned(), path: path.to_owned(), device_token };
        Known { facts, opened, json }
    }

    fn could_refresh(&self, facts: &Facts) -> bool {
        facts.device_token.is_some_and(|user| self.service.has_good_refresh_token(user))
    }

    fn tell_fault(&self, facts: &Facts, fired: &Fired) {
        self.control.events.tell(
            facts.instance,
            "fault",
            || json!({ "request": facts.number, "fault": fired.id, "method": facts.method, "path": facts.path }),
        );
    }

    #[expect(clippy::too_many_arguments, reason = "they are the members of an entry")]
    fn note(
        &self,
        facts: Facts,
        call: Option<Call>,
        query: String,
        status: Option<u16>,
        request: &Bytes,
        response: &Bytes,
        fault: Option<u64>,
        hint: Option<String>,
    ) {
        let Facts { number, instance, method, path, device_token } = facts;
        let events = &self.control.events;
        if let Some(hint) = &hint {
            events.tell(instance, "hint", || json!({ "request": number, "hint": hint }));
        }
        if status == Some(200) && matches!(call, Some(Call::Register | Call::Login | Call::RefreshToken)) {
            events.tell(
                instance,
                "token",
                || json!({ "request": number, "call": path, "deviceToken": device_token_in(response) }),
            );
        }
        events.tell(instance, "request", || {
            json!({ "number": number, "method": method, "path": path, "status": status, "fault": fault,
                "deviceToken": device_token.map(|token| token.to_string()) })
        });
        let mut journal = self.control.journal.lock();
        if journal.is_on() {
            let at = self.service.now(instance);
            let (request_body, response_body) = (KeptBody::of(request), KeptBody::of(response));
            journal.push(Entry {
                number,
                at,
                instance,
                method,
                path,
                query,
                status,
                device_token,
                request_body,
                response_body,
                fault,
                hint,
            });
        }
    }

    async fn spoilt(&self, fired: Fired, mut response: Response) -> Sent {
        for (name, value) in &fired.effect.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().insert(name, value);
            }
        }
        let effect = fired.effect;
        if effect.truncate_body.is_none() && effect.dribble_ms == 0 {
            return response.map(plain);
        }
        let (mut head, body) = response.into_parts();
        let bytes = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        // The length of the whole body, so that the client knows that some is missing.
        head.headers.insert(warp::http::header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        let over = Duration::from_millis(effect.dribble_ms);
        let body = match effect.truncate_body {
            Some(length) => truncated(bytes, length, over),
            None => dribbled(bytes, over),
        };
        Sent::from_parts(head, body)
    }
}

fn scene_resets(fired: Option<&Fired>) -> bool {
    fired.is_some_and(|fired| fired.effect.reset)
}

/// The access token of `Authorization: Bearer …`.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

/// The answer that a fault makes up.
fn made_up(fired: &Fired) -> Option<Response> {
    let effect = &fired.effect;
    if effect.commit_then_drop || (effect.status.is_none() && effect.body.is_none()) {
        return None;
    }
    let status = effect.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    Some(match &effect.body {
        None => answer::failure(status, "A fault of the mock server.", Vec::new()),
        Some(Value::String(text)) => answer::text(status, text.clone()),
        Some(body) => answer::json(status, body),
    })
}

fn envelope_status(body: &Bytes) -> Option<u16> {
    let envelope: Value = serde_json::from_slice(body).ok()?;
    envelope.get("Status")?.as_u64()?.try_into().ok()
}

fn device_token_in(body: &Bytes) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    answer.get("Result")?.get("DeviceToken")?.as_str()?.parse::<DeviceToken>().ok().map(|token| token.to_string())
}

fn sends_text(headers: &HeaderMap) -> bool {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
    bearer.is_some_and(|token| matches!(token, "undefined" | "null" | "[object Object]"))
}

fn key_from_foreign_page(headers: &HeaderMap) -> bool {
    let origin = headers.get(ORIGIN).and_then(|value| value.to_str().ok());
    headers.contains_key(INSTANCE_KEY) && origin.is_some_and(|origin| !is_local_page(origin))
}

/// A property of a registration at the top level that belongs into `UserFields`.
fn misplaced(call: Option<Call>, json: &ParsedBody) -> Option<&'static str> {
    const FIELDS: [&str; 5] = ["ClientId", "EnableTracking", "EnableLogging", "EnableRealTimeLocation", "Enabled"];
    let is_about_a_user = matches!(call, Some(Call::Register | Call::UpdateUser));
    FIELDS.into_iter().find(|field| is_about_a_user && json.has(field))
}

const fn fault_of(fault: RefreshTokenFault) -> Option<RefreshFault> {
    match fault {
        RefreshTokenFault::AlreadyUsed => Some(RefreshFault::AlreadyUsed),
        RefreshTokenFault::Superseded => Some(RefreshFault::Superseded),
        RefreshTokenFault::Revoked => Some(RefreshFault::Revoked),
        RefreshTokenFault::Unknown | RefreshTokenFault::Expired | RefreshTokenFault::UserGone => None,
    }
}

/// Why a refusal refused a refresh token, if it did.
pub fn refused_for(refusal: &Refusal) -> Option<RefusedFor> {
    if let Refusal::RefreshToken { fault, .. } = refusal { Some(RefusedFor(*fault)) } else { None }
}
