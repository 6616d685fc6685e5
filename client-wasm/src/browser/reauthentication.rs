//! The user's own way of signing in again.

use std::rc::Rc;

use js_sys::{Object, Promise, TypeError};
use telematics_contract::auth::{AccessToken, TokensResponse};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::Browser;
use super::fields::Fields;
use super::js::{get, set};
use super::transport::InFlight;
use crate::engine::ports::{Reason, Reauthentication};
use crate::error::{Error, ErrorCode, Failure};

impl Reauthentication for Browser {
    fn is_given(&self) -> bool {
        self.reauthenticate.is_some()
    }

    async fn reauthenticate(&self, device_token: Option<&str>, reason: Reason) -> Result<TokensResponse, Error> {
        let Some(reauthenticate) = &self.reauthenticate else { return Err(Error::session_expired()) };
        let no_longer_needed = InFlight(AbortController::new().map_err(failed)?);
        let context = Object::new().into();
        set(&context, "deviceToken", device_token.map_or(JsValue::NULL, JsValue::from));
        set(&context, "reason", reason.as_str());
        set(&context, "signal", no_longer_needed.0.signal());
        let asked = reauthenticate.call1(&JsValue::UNDEFINED, &context).map_err(failed)?;
        let given = JsFuture::from(Promise::resolve(&asked)).await.map_err(failed)?;
        credentials(&given)
    }
}

/// `Credentials`.
fn credentials(given: &JsValue) -> Result<TokensResponse, Error> {
    let fields = Fields::of("credentials", given);
    let tokens = TokensResponse {
        device_token: Some(fields.required("deviceToken")),
        access_token: Some(AccessToken {
            token: fields.required("accessToken").into(),
            expires_in: fields.count("expiresIn", 0).unwrap_or_default(),
        }),
        refresh_token: fields.text("refreshToken").map(Into::into),
    };
    fields.done(tokens)
}

/// A rejection counts as the answer to a login where it has its status, and else as a passing failure: an outage of the
/// user's own service must sign nobody out.
fn failed(cause: JsValue) -> Error {
    let status = get(&cause, "status").as_f64().map(|status| status as u16);
    let code = match status {
        Some(status) => ErrorCode::of_status(status),
        // What `fetch` rejects with when nothing answers.
        None if cause.is_instance_of::<TypeError>() => ErrorCode::Network,
        None => ErrorCode::Service,
    };
    let failure = Failure::new(code, "reauthenticate failed.");
    Failure { status, cause: Some(Rc::new(cause)), ..failure }.into()
}
