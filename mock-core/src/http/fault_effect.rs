//! What a fault does to the answer of a request.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::answer::{self, Closed};
use super::body::{Body, Response, TimedBody};
use crate::control::faults::{CommitThen, FaultEffect, HeaderChanges, apply_patch};
use crate::json_tree::to_text;

/// The headers that a fault changes. They are changed last, so that a fault can also change those that every answer has.
#[derive(Clone, Default)]
pub struct ChangedHeaders(Vec<(HeaderName, Option<HeaderValue>)>);

impl ChangedHeaders {
    fn add(&mut self, changes: &HeaderChanges) {
        for (name, value) in changes {
            let value = value.as_ref().map(HeaderValue::try_from).transpose();
            // A fault with a header that is not valid is refused when it is added.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value) {
                self.0.push((name, value));
            }
        }
    }

    /// Changes headers.
    pub fn apply(self, headers: &mut HeaderMap) {
        for (name, value) in self.0 {
            match value {
                Some(value) => headers.insert(name, value),
                None => headers.remove(name),
            };
        }
    }
}

/// The answer that a fault gives instead of making the call.
pub fn made_up_answer(effect: &FaultEffect) -> Option<Response> {
    if effect.reset {
        // No client receives it.
        return Some(Response::default());
    }
    stated_answer(effect.status, effect.body.as_ref())
}

/// Replaces or changes the answer of a call that was made; returns whether the answer is still that of the call.
pub fn change_answer(effect: &FaultEffect, response: &mut Response) -> bool {
    if let Some(CommitThen { status, body, .. }) = &effect.commit_then
        && let Some(stated) = stated_answer(*status, body.as_ref())
    {
        *response = stated;
        return false;
    }
    if let Some(patch) = &effect.patch
        && let Ok(mut body) = serde_json::from_slice(&response.body().bytes())
    {
        apply_patch(&mut body, patch);
        *response.body_mut() = Body::Whole(Bytes::from(to_text(&body)));
    }
    true
}

fn stated_answer(status: Option<u16>, body: Option<&Value>) -> Option<Response> {
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    match (status, body) {
        (None, None) => None,
        (Some(status), None) => Some(answer::failure(status, "A fault of the mock server.", Vec::new())),
        (status, Some(Value::String(text))) => Some(answer::text(status.unwrap_or(StatusCode::OK), text.clone())),
        (status, Some(body)) => Some(answer::json(status.unwrap_or(StatusCode::OK), body)),
    }
}

/// How a fault closes the connection without an answer, if it does.
pub const fn closes_connection(effect: &FaultEffect) -> Option<Closed> {
    if effect.reset {
        Some(Closed { reset: true })
    } else if effect.commit_then_drop {
        Some(Closed { reset: false })
    } else {
        None
    }
}

/// A header of an answer as it is sent, with the changes of a fault.
pub fn sent_header<'a>(response: &'a Response, name: &HeaderName) -> Option<&'a HeaderValue> {
    let changes = response.extensions().get::<ChangedHeaders>();
    let changed = changes.and_then(|changes| changes.0.iter().rev().find(|(changed, _)| changed == name));
    match changed {
        Some((_, value)) => value.as_ref(),
        None => response.headers().get(name),
    }
}

/// The part of a body that a fault lets the client receive.
pub fn sent_part(effect: Option<&FaultEffect>, bytes: &Bytes) -> Bytes {
    let length = effect.and_then(|effect| effect.truncate_body).unwrap_or(usize::MAX);
    bytes.slice(..length.min(bytes.len()))
}

/// Changes the headers of an answer, and slows its body down or breaks it off.
pub fn shape_answer(effect: &FaultEffect, mut response: Response, bytes: &Bytes) -> Response {
    let mut changed = ChangedHeaders::default();
    if let Some(commit_then) = &effect.commit_then {
        changed.add(&commit_then.headers);
    }
    changed.add(&effect.headers);
    if !changed.0.is_empty() {
        response.extensions_mut().insert(changed);
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
