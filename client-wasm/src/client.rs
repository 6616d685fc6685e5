//! What `index.js` sees: every call returns a promise that holds the engine itself, so that freeing the object while a call
//! is under way harms nothing.

use std::rc::Rc;

use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::*;

use crate::browser::promise::{Answer, Call};
use crate::browser::{Browser, Host, arguments, js, options};
use crate::calls::Operation;
use crate::calls::shape::{EXISTING, JOINED, USER_RECORD};
use crate::calls::user::ReadUser;
use crate::engine::config::Config;
use crate::engine::http::HttpRequest;
use crate::engine::{Bearer, Engine};
use crate::error::Error;

/// The client behind the class `UserServiceClient` of `index.js`, which documents its methods.
#[wasm_bindgen]
pub struct Client {
    engine: Rc<Engine<Browser>>,
}

#[wasm_bindgen]
impl Client {
    /// A client with nobody signed in; the host hears what happens.
    ///
    /// # Errors
    /// `invalid-argument`
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, host: Host) -> Result<Client, JsValue> {
        let (config, browser) = options::client(options, Some(host)).map_err(|error| js::error(&error))?;
        Ok(Self { engine: Engine::new(config, browser) })
    }

    /// The key of the session in the storage, which other tabs know too.
    #[wasm_bindgen(getter, js_name = storageKey)]
    #[must_use]
    pub fn storage_key(&self) -> String {
        self.engine.config().storage_key.clone()
    }

    /// Takes up what another tab has left in the storage.
    pub fn look(&self) -> Promise {
        let (engine, call) = self.begin(&JsValue::UNDEFINED);
        call.run(Box::pin(async move {
            engine.look().await;
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// Takes up the stored session, if there is one.
    pub fn restore(&self) -> Promise {
        let (engine, call) = self.begin(&JsValue::UNDEFINED);
        call.run(Box::pin(async move {
            engine.restore().await;
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// Registers a user and signs in as that user.
    pub fn register(&self, user: &JsValue, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let (user, timeout) = (arguments::new_user(user), call.timeout_ms());
        call.run(Box::pin(async move { Ok(js::session(&*engine.register(&user?, timeout).await?)) }))
    }

    /// Registers many users alike.
    #[wasm_bindgen(js_name = registerMany)]
    pub fn register_many(&self, batch: &JsValue, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let (batch, timeout) = (arguments::new_users(batch), call.timeout_ms());
        call.run(Box::pin(async move {
            let sessions = engine.register_many(&batch?, timeout).await?;
            Ok(sessions.iter().map(js::session).collect::<Array>().into())
        }))
    }

    /// Signs a user in.
    pub fn login(&self, credentials: &JsValue, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let (login, timeout) = (arguments::login(credentials, engine.config()), call.timeout_ms());
        call.run(Box::pin(async move { Ok(js::session(&*engine.login(&login?, timeout).await?)) }))
    }

    /// Buys the next pair of tokens.
    pub fn refresh(&self, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        call.run(Box::pin(async move { Ok(js::session(&*engine.refresh().await?)) }))
    }

    /// Reads the user's own record.
    pub fn profile(&self, options: &JsValue) -> Promise {
        self.pass(Ok(ReadUser), |body| js::result(body, USER_RECORD), options)
    }

    /// Changes the user's own record.
    pub fn update(&self, changes: &JsValue, options: &JsValue) -> Promise {
        self.pass(arguments::changes(changes), |_| Ok(JsValue::UNDEFINED), options)
    }

    /// Lets the user join another instance.
    #[wasm_bindgen(js_name = joinInstance)]
    pub fn join_instance(&self, invite_code: &JsValue, options: &JsValue) -> Promise {
        self.pass(arguments::invite_code(invite_code), |body| js::result(body, JOINED), options)
    }

    /// Asks whether somebody is registered.
    #[wasm_bindgen(js_name = userExists)]
    pub fn user_exists(&self, query: &JsValue, options: &JsValue) -> Promise {
        let request = arguments::whom(query).and_then(|whom| self.engine.request(&whom));
        self.pass_request(request, false, |body| js::result(body, EXISTING), options)
    }

    /// Uploads the user's picture.
    #[wasm_bindgen(js_name = uploadImage)]
    pub fn upload_image(&self, picture: &JsValue, options: &JsValue) -> Promise {
        self.pass(arguments::picture(picture), js::text_result, options)
    }

    /// Who makes a call of the user's own.
    pub fn bearer(&self, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        call.run(Box::pin(async move { Ok(bearer(&engine.bearer().await?, engine.config())) }))
    }

    /// Who makes the second try, after the access token of the first one was rejected.
    pub fn renew(&self, access_token: String, device_token: String, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let rejected = Bearer { access_token: Some(access_token.into()), device_token };
        call.run(Box::pin(async move { Ok(bearer(&engine.renew(&rejected).await?, engine.config())) }))
    }

    /// Forgets the session.
    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self) -> Promise {
        let (engine, call) = self.begin(&JsValue::UNDEFINED);
        let forgotten = engine.sign_out();
        call.run(Box::pin(async move {
            forgotten.await;
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// Ends every call that is under way with `disposed`.
    pub fn dispose(&self) {
        self.engine.close();
    }
}

impl Client {
    /// A call as the signed-in user whose answer only passes through.
    fn pass<O: Operation>(&self, operation: Result<O, Error>, shown: fn(&str) -> Answer, options: &JsValue) -> Promise {
        let request = operation.and_then(|operation| self.engine.request(&operation));
        self.pass_request(request, true, shown, options)
    }

    fn pass_request(
        &self,
        request: Result<HttpRequest, Error>,
        as_user: bool,
        shown: fn(&str) -> Answer,
        options: &JsValue,
    ) -> Promise {
        let (engine, call) = self.begin(options);
        let timeout = call.timeout_ms();
        call.run(Box::pin(async move {
            let body = match request? {
                request if as_user => engine.send_authorized(request, timeout).await?,
                request => engine.send(request, timeout).await?,
            };
            shown(&body)
        }))
    }

    fn begin(&self, options: &JsValue) -> (Rc<Engine<Browser>>, Call) {
        (Rc::clone(&self.engine), Call::new(options, Box::pin(self.engine.closed())))
    }
}

fn bearer(bearer: &Bearer, config: &Config) -> JsValue {
    let (object, headers) = (Object::new().into(), Object::new().into());
    for (name, value) in bearer.headers(config) {
        js::set(&headers, name, value);
    }
    js::set(&object, "headers", headers);
    if let Some(access_token) = &bearer.access_token {
        js::set(&object, "accessToken", access_token.expose());
    }
    js::set(&object, "deviceToken", &bearer.device_token);
    object
}
