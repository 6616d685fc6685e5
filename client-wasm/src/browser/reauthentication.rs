//! The `reauthenticate` function of the app.

use std::rc::Rc;

use js_sys::{Object, Promise, TypeError};
use telematics_contract::auth::{AccessToken, TokensResponse};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::abort::AbortOnDrop;
use super::environment::Browser;
use super::fields::Fields;
use super::property::{get, set};
use super::transport::retry_after_seconds;
use crate::engine::ports::{Reason, Reauthentication};
use crate::error::{Error, ErrorCode, Failure};

impl Reauthentication for Browser {
    fn can_reauthenticate(&self) -> bool {
        self.reauthenticate.is_some()
    }

    async fn reauthenticate(&self, device_token: Option<&str>, reason: Reason) -> Result<TokensResponse, Error> {
        let Some(reauthenticate) = &self.reauthenticate else { return Err(Error::session_expired()) };
        let abort_on_drop = AbortOnDrop::new().map_err(failed)?;
        let context = Object::new().into();
        set(&context, "deviceToken", device_token.map_or(JsValue::NULL, JsValue::from));
        set(&context, "reason", reason.as_str());
        set(&context, "signal", abort_on_drop.0.signal());
        let promise = reauthenticate.call1(&JsValue::UNDEFINED, &context).map_err(failed)?;
        let value = JsFuture::from(Promise::resolve(&promise)).await.map_err(failed)?;
        credentials(&value)
    }
}

/// Reads a `Credentials`.
fn credentials(value: &JsValue) -> Result<TokensResponse, Error> {
    let fields = Fields::new("credentials", value);
    let tokens = TokensResponse {
        device_token: Some(fields.required("deviceToken")),
        access_token: Some(AccessToken {
            token: fields.required("accessToken").into(),
            expires_in: fields.count("expiresIn", 0).unwrap_or_default(),
        }),
        refresh_token: fields.text("refreshToken").map(Into::into),
    };
    fields.finish(tokens)
}

/// The error of a rejection: with its `status` it counts as the response to a login, without one as a passing failure. An outage
/// of the app's back end must not sign the user out. A `Response` with `Retry-After` pauses the renewals.
fn failed(cause: JsValue) -> Error {
    let status = get(&cause, "status").as_f64().map(|status| status as u16);
    let code = match status {
        Some(status) => ErrorCode::from_status(status),
        // `fetch` rejects with a `TypeError` if no response arrives.
        None if cause.is_instance_of::<TypeError>() => ErrorCode::Network,
        None => ErrorCode::Service,
    };
    let failure = Failure::new(code, "reauthenticate failed.");
    let retry_after_seconds = cause.clone().dyn_into().ok().and_then(retry_after_seconds);
    Failure { status, retry_after_seconds, cause: Some(Rc::new(cause)), ..failure }.into()
}
