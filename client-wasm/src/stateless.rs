//! Calls without a client, for apps that keep their own session: one request each and nothing else.

use std::future::{Future, pending};

use js_sys::Promise;
use telematics_contract::auth::RefreshRequest;
use wasm_bindgen::prelude::*;

use crate::browser::promise::{self, Answer};
use crate::browser::{Audience, Browser, js, options};
use crate::calls::Operation;
use crate::calls::auth::RefreshToken;
use crate::calls::registration::Register;
use crate::calls::user::UpdateUser;
use crate::engine::service::Service;
use crate::engine::session::{Moment, Session};
use crate::error::Error;

/// Registers a user.
#[wasm_bindgen]
pub fn register(service: &JsValue, user: &JsValue, options: &JsValue) -> Promise {
    let user = js::optional_argument("user", user);
    run(service, options, |service, timeout| async move { session_of(&service, &Register(&user?), timeout).await })
}

/// Buys the next pair of tokens.
#[wasm_bindgen]
pub fn refresh(service: &JsValue, tokens: &JsValue, options: &JsValue) -> Promise {
    let pair = js::argument::<RefreshRequest>("tokens", tokens, None);
    run(service, options, |service, timeout| async move { session_of(&service, &RefreshToken(&pair?), timeout).await })
}

/// Changes the record of the user whose access token it is.
#[wasm_bindgen]
pub fn update(service: &JsValue, access_token: &JsValue, changes: &JsValue, options: &JsValue) -> Promise {
    let access_token = access_token.as_string();
    let changes = js::argument("changes", changes, None);
    run(service, options, |service, timeout| async move {
        let access_token = access_token.ok_or_else(|| Error::invalid_argument("accessToken", "must be a string"))?;
        let request = UpdateUser(&changes?).request(&service.config, &service.ports)?;
        service.send(request.with_bearer(&access_token), timeout).await?;
        Ok(JsValue::UNDEFINED)
    })
}

async fn session_of<O>(service: &Service<Browser>, operation: &O, timeout_ms: Option<u32>) -> Answer
where
    O: Operation<Answer = telematics_contract::auth::TokensResponse>,
{
    let asked = Moment::now(&service.ports);
    let tokens = service.perform(operation, timeout_ms).await?;
    Session::given(tokens, asked).as_ref().map(js::session).ok_or_else(Error::decode)
}

fn run<F>(service: &JsValue, options: &JsValue, work: impl FnOnce(Service<Browser>, Option<u32>) -> F) -> Promise
where
    F: Future<Output = Answer> + 'static,
{
    match options::client(service, Audience::default()) {
        Ok((config, ports)) => promise::of(options, pending(), |timeout| work(Service { config, ports }, timeout)),
        Err(error) => Promise::reject(&js::error(&error)),
    }
}
