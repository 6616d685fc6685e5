//! The client class that `client.js` wraps. Every call returns a promise that holds the engine, so that a client may be freed
//! while a call is pending.
//!
//! A method whose JavaScript name starts with `_` is for `client.js` alone. Every other method becomes a method of the public class
//! `UserServiceClient`.

use std::rc::Rc;

use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::*;

use crate::browser::promise::Call;
use crate::browser::property::set;
use crate::browser::{Browser, Callbacks, arguments, options, present};
use crate::calls::RelayedCall;
use crate::calls::management::{JoinInstance, USER_QUERY, UploadImage, UserExists};
use crate::calls::registration::{NEW_USERS, RegisterMany};
use crate::calls::shape::Answer;
use crate::calls::user::ReadUser;
use crate::engine::{Bearer, Engine};
use crate::error::{Error, ErrorCode};
use crate::wire::{Config, HttpRequest};

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
        Ok(Self { engine: Engine::new(config, browser) })
    }

    /// Registers a user and signs that user in.
    pub fn register(&self, user: &JsValue, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let (user, timeout) = (arguments::new_user(user), call.timeout_ms());
        call.run(Box::pin(async move { Ok(present::session(&*engine.register(&user?, timeout).await?)) }))
    }

    /// Registers many users with equal data.
    #[wasm_bindgen(js_name = registerMany)]
    pub fn register_many(&self, batch: &JsValue, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let batch = arguments::body("batch", batch, NEW_USERS).map(RegisterMany);
        let timeout = call.timeout_ms();
        call.run(Box::pin(async move {
            let sessions = engine.register_many(&batch?, timeout).await?;
            Ok(sessions.iter().map(present::session).collect::<Array>().into())
        }))
    }

    /// Logs a user in.
    pub fn login(&self, credentials: &JsValue, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let (login, timeout) = (arguments::login(credentials, engine.config()), call.timeout_ms());
        call.run(Box::pin(async move { Ok(present::session(&*engine.login(&login?, timeout).await?)) }))
    }

    /// Exchanges the tokens for the next pair.
    pub fn refresh(&self, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        call.run(Box::pin(async move { Ok(present::session(&*engine.refresh().await?)) }))
    }

    /// Reads the user's record.
    pub fn profile(&self, options: &JsValue) -> Promise {
        self.relay(Ok(ReadUser), options)
    }

    /// Changes the user's record.
    pub fn update(&self, changes: &JsValue, options: &JsValue) -> Promise {
        self.relay(arguments::changes(changes), options)
    }

    /// Adds the user to another instance.
    #[wasm_bindgen(js_name = joinInstance)]
    pub fn join_instance(&self, invite_code: &JsValue, options: &JsValue) -> Promise {
        let invite_code = arguments::text("inviteCode", invite_code);
        self.relay(invite_code.map(|invite_code| JoinInstance { invite_code }), options)
    }

    /// Asks whether a user is registered.
    #[wasm_bindgen(js_name = userExists)]
    pub fn user_exists(&self, query: &JsValue, options: &JsValue) -> Promise {
        self.relay(arguments::query("query", query, USER_QUERY).map(UserExists), options)
    }

    /// Uploads the user's picture.
    #[wasm_bindgen(js_name = uploadImage)]
    pub fn upload_image(&self, picture: &JsValue, options: &JsValue) -> Promise {
        self.relay(arguments::blob("picture", picture).map(UploadImage), options)
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
    #[wasm_bindgen(js_name = _dispose)]
    pub fn dispose(&self) {
        self.engine.close();
    }

    /// The key of the session in the storage, if other tabs use the same storage.
    #[wasm_bindgen(getter, js_name = _sharedStorageKey)]
    #[must_use]
    pub fn shared_storage_key(&self) -> Option<String> {
        self.engine.shared_storage_key()
    }

    /// Restores the stored session, if there is one.
    #[wasm_bindgen(js_name = _restore)]
    pub fn restore(&self) -> Promise {
        let (engine, call) = self.begin(&JsValue::UNDEFINED);
        call.run(Box::pin(async move {
            engine.restore().await;
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// Adopts the session that another tab has stored.
    #[wasm_bindgen(js_name = _sync)]
    pub fn sync(&self) -> Promise {
        let (engine, call) = self.begin(&JsValue::UNDEFINED);
        call.run(Box::pin(async move {
            engine.sync().await;
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// The credentials for a request that the app makes itself.
    #[wasm_bindgen(js_name = _bearer)]
    pub fn bearer(&self, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        call.run(Box::pin(async move { Ok(bearer(&engine.bearer().await?, engine.config())) }))
    }

    /// The credentials for the second attempt of such a request, after the service has rejected the access token of the first.
    #[wasm_bindgen(js_name = _renew)]
    pub fn renew(&self, access_token: String, device_token: String, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let rejected = Bearer { access_token: Some(access_token.into()), device_token };
        call.run(Box::pin(async move { Ok(bearer(&engine.renew(&rejected).await?, engine.config())) }))
    }
}

/// Whether a response with this status rejects the access token of its request.
#[wasm_bindgen(js_name = rejectsAccessToken)]
#[must_use]
pub fn rejects_access_token(status: u16) -> bool {
    ErrorCode::from_status(status) == ErrorCode::Unauthorized
}

impl Client {
    /// Makes a call and relays its result.
    fn relay<C: RelayedCall>(&self, call: Result<C, Error>, options: &JsValue) -> Promise {
        self.relay_request(call.and_then(|call| self.engine.request(&call)), C::ANSWER, options)
    }

    /// The part of [`Self::relay`] that does not depend on the type of the call, so that it is compiled once.
    fn relay_request(&self, request: Result<HttpRequest, Error>, shape: Answer, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let timeout = call.timeout_ms();
        call.run(Box::pin(async move { present::answer(&engine.send(request?, timeout).await?, shape) }))
    }

    fn begin(&self, options: &JsValue) -> (Rc<Engine<Browser>>, Call) {
        (Rc::clone(&self.engine), Call::new(options, Box::pin(self.engine.closed())))
    }
}

fn bearer(bearer: &Bearer, config: &Config) -> JsValue {
    let (object, headers) = (Object::new().into(), Object::new().into());
    for (name, value) in bearer.headers(config) {
        set(&headers, name, value);
    }
    set(&object, "headers", headers);
    if let Some(access_token) = &bearer.access_token {
        set(&object, "accessToken", access_token.expose());
    }
    set(&object, "deviceToken", &bearer.device_token);
    object
}
