//! An answer as JavaScript reads it.

use std::rc::Rc;

use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use js_sys::{Array, Uint8Array};
use serde::Serialize;
use telematics_mock_core::http::{Answer, Api, Body, Closed};
use wasm_bindgen::prelude::*;

use crate::stream::BodyStream;

/// What is known of an answer beside its body.
#[derive(Serialize)]
struct Head {
    status: u16,
    /// The words behind the status on the status line.
    reason: &'static str,
}

/// The answer as an object: `{ status, reason, headers, body }`, where `headers` are names and values in turn, and `body` is a
/// `Uint8Array`, or a [`BodyStream`] if it arrives in pieces. `{ closed: "end" | "reset" }` if a fault closes the connection.
///
/// # Errors
///
/// The object cannot be written, which does not happen.
pub fn answer_object(api: &Rc<Api>, answer: Answer) -> Result<JsValue, JsValue> {
    let response = match answer {
        Ok(response) => response,
        Err(Closed { reset }) => {
            let closed = js_sys::Object::new();
            set(&closed, "closed", &if reset { "reset" } else { "end" }.into())?;
            return Ok(closed.into());
        }
    };
    let (mut head, body) = response.into_parts();
    let written = Head { status: head.status.as_u16(), reason: reason(head.status) };
    let object = serde_wasm_bindgen::to_value(&written)?;
    let body = match body {
        Body::Whole(bytes) => {
            add_length(head.status, &mut head.headers, bytes.len());
            Uint8Array::from(&bytes[..]).into()
        }
        Body::Timed(body) => BodyStream::timed(Rc::clone(api), *body).into(),
        Body::Events(listener) => {
            head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
            head.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            BodyStream::events(*listener).into()
        }
    };
    set(&object, "headers", &headers(&head.headers))?;
    set(&object, "body", &body)?;
    Ok(object)
}

pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) -> Result<(), JsValue> {
    js_sys::Reflect::set(object, &name.into(), value).map(|_| ())
}

/// The length of a whole body, unless the status or a fault says otherwise (RFC 9110, section 8.6).
fn add_length(status: StatusCode, headers: &mut HeaderMap, length: usize) {
    let has_none = status.is_informational() || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED;
    if !has_none && !headers.contains_key(CONTENT_LENGTH) {
        headers.append(CONTENT_LENGTH, HeaderValue::from(length));
    }
}

fn headers(headers: &HeaderMap) -> JsValue {
    let flat = Array::new();
    for (name, value) in headers {
        flat.push(&name.as_str().into());
        // A character for each byte, as JavaScript has them.
        flat.push(&value.as_bytes().iter().map(|byte| char::from(*byte)).collect::<String>().into());
    }
    flat.into()
}

/// The words that hyper writes too, so that both servers send the same bytes.
fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("<none>")
}
