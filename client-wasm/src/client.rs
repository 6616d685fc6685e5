//! The client class that `client.js` wraps. Every call returns a promise that holds the engine, so that a client may be freed
//! while a call is pending.

use std::rc::Rc;

use js_sys::{Array, Promise};
use telematics_contract::Method;
use wasm_bindgen::prelude::*;

use crate::browser::promise::Call;
use crate::browser::property::get;
use crate::browser::{Browser, Callbacks, arguments, options, present};
use crate::calls::registration::Register;
use crate::calls::user::{ReadUser, UpdateUser};
use crate::engine::{Bearer, Engine};
use crate::error::Error;
use crate::wire::{Body, HttpRequest};

/// The client behind the class `UserServiceClient`; `index.d.ts` documents the public methods.
#[wasm_bindgen]
pub struct Client {
    engine: Rc<Engine<Browser>>,
}

#[wasm_bindgen]
impl Client {
    /// A client without a signed-in user.
    ///
    /// # Errors
    /// `invalid-argument`
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, callbacks: Callbacks) -> Result<Client, JsValue> {
        let (config, browser) = options::client(options, Some(callbacks)).map_err(|error| present::error(&error))?;
        browser.announce_storage(&config.storage_key);
        Ok(Self { engine: Engine::new(config, browser) })
    }

    /// Registers a user and signs that user in.
    pub fn register(&self, user: JsValue, is_invited: bool, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let (user, timeout) = (Register { user: given(user), is_invited }, call.timeout_ms());
        call.run(Box::pin(async move { Ok(present::session(&*engine.register(&user, timeout).await?)) }))
    }

    /// Logs a user in.
    pub fn login(&self, credentials: &JsValue, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let (login, timeout) = (arguments::login(credentials, engine.config()), call.timeout_ms());
        call.run(Box::pin(async move { Ok(present::session(&*engine.login(&login?, timeout).await?)) }))
    }

    /// Signs in the user whom the app's `reauthenticate` names.
    #[wasm_bindgen(js_name = signIn)]
    pub fn sign_in(&self, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        call.run(Box::pin(async move { Ok(present::session(&*engine.sign_in_by_app().await?)) }))
    }

    /// Exchanges the tokens for the next pair.
    pub fn refresh(&self, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        call.run(Box::pin(async move { Ok(present::session(&*engine.refresh().await?)) }))
    }

    /// Reads the user's record: the result of the service.
    pub fn profile(&self, options: &JsValue) -> Promise {
        self.relay(self.engine.request(&ReadUser), options)
    }

    /// Changes the user's record.
    pub fn update(&self, changes: JsValue, has_password: bool, options: &JsValue) -> Promise {
        self.relay(self.engine.request(&UpdateUser { changes: given(changes), has_password }), options)
    }

    /// Makes another call, as the user or else with the headers of the instance, and resolves to the result of the service. It is a
    /// `POST` if it has a body; `null` is an empty one.
    pub fn send(&self, path: &str, body: JsValue, as_user: bool, options: &JsValue) -> Promise {
        let config = self.engine.config();
        let mut request = config.request_to(if body.is_undefined() { Method::Get } else { Method::Post }, path);
        request.needs_access_token = as_user;
        if !as_user {
            request.headers = config.instance_headers();
        }
        request.body = Some(given(body));
        self.relay(Ok(request), options)
    }

    /// Forgets the session.
    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self) -> Promise {
        let (engine, call) = self.begin(&JsValue::UNDEFINED);
        let removed = engine.sign_out();
        call.run(Box::pin(async move {
            removed.await;
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// Ends every pending call with `disposed`.
    pub fn dispose(&self) {
        self.engine.close();
    }

    /// Restores the stored session, if there is one.
    pub fn restore(&self) -> Promise {
        let (engine, call) = self.begin(&JsValue::UNDEFINED);
        call.run(Box::pin(async move {
            engine.restore().await;
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// Adopts the session that another tab has stored.
    pub fn sync(&self) -> Promise {
        let (engine, call) = self.begin(&JsValue::UNDEFINED);
        call.run(Box::pin(async move {
            engine.sync().await;
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// The tokens for a request that the app makes itself; `undefined` if [`Self::bearer`] has to be asked. A call without a promise is
    /// several times as fast.
    #[wasm_bindgen(js_name = usableTokens)]
    #[must_use]
    pub fn usable_tokens(&self) -> JsValue {
        self.engine.usable_bearer().map_or(JsValue::UNDEFINED, tokens)
    }

    /// The tokens for a request that the app makes itself: an access token that is not due, and the device token.
    pub fn bearer(&self, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        call.run(Box::pin(async move { Ok(tokens(engine.bearer().await?)) }))
    }

    /// The tokens for the second attempt of such a request, after the service has rejected the access token of the first.
    pub fn renew(&self, access_token: String, device_token: String, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let rejected = Bearer { access_token: Some(access_token.into()), device_token };
        call.run(Box::pin(async move { Ok(tokens(engine.renew(&rejected).await?)) }))
    }
}

impl Client {
    /// Sends a request and relays the result of the service to JavaScript.
    fn relay(&self, request: Result<HttpRequest, Error>, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let timeout = call.timeout_ms();
        call.run(Box::pin(async move { Ok(get(&engine.send(request?, timeout).await?, "Result")) }))
    }

    fn begin(&self, options: &JsValue) -> (Rc<Engine<Browser>>, Call) {
        (Rc::clone(&self.engine), Call::new(options, Box::pin(self.engine.closed())))
    }
}

/// A body that JavaScript has made.
pub(crate) fn given(body: JsValue) -> Body {
    Body::Given(Rc::new(body))
}

/// An array of the access token, which is `undefined` if the user is named by header, and of the device token.
fn tokens(bearer: Bearer) -> JsValue {
    let access_token = bearer.access_token.map_or(JsValue::UNDEFINED, |token| token.expose().into());
    [access_token, bearer.device_token.into()].iter().collect::<Array>().into()
}
