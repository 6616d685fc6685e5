//! What `index.js` sees: every call returns a promise that holds the engine itself, so that freeing the object while a call
//! is under way harms nothing.

use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;

use crate::browser::promise::Call;
use crate::browser::{Audience, Browser, arguments, js, options};
use crate::engine::{Bearer, Engine};
use crate::error::Error;

/// The client behind the class `UserServiceClient` of `index.js`, which documents its methods.
#[wasm_bindgen]
pub struct Client {
    engine: Rc<Engine<Browser>>,
}

#[wasm_bindgen]
impl Client {
    /// A client with nobody signed in. The first function hears changes of the session, the second one warnings.
    ///
    /// # Errors
    /// `invalid-argument`
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, on_change: Function, on_warning: Function) -> Result<Client, JsValue> {
        let audience = Audience { on_change: Some(on_change), on_warning: Some(on_warning) };
        let (config, browser) = options::client(options, audience).map_err(|error| js::error(&error))?;
        Ok(Self { engine: Engine::new(config, browser) })
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
        let (engine, call) = self.begin(options);
        let timeout = call.timeout_ms();
        call.run(Box::pin(async move { js::user(&engine.profile(timeout).await?).ok_or_else(Error::decode) }))
    }

    /// Changes the user's own record.
    pub fn update(&self, changes: &JsValue, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let (changes, timeout) = (arguments::changes(changes), call.timeout_ms());
        call.run(Box::pin(async move {
            engine.update(&changes?, timeout).await?;
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// The access token for a call of the user's own, and whose it is.
    pub fn bearer(&self, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        call.run(Box::pin(async move { Ok(bearer(&engine.bearer().await?)) }))
    }

    /// The access token for a second try, after the first one was rejected.
    pub fn renew(&self, access_token: String, device_token: String, options: &JsValue) -> Promise {
        let (engine, call) = self.begin(options);
        let rejected = Bearer { access_token: access_token.into(), device_token };
        call.run(Box::pin(async move { Ok(bearer(&engine.renew(&rejected).await?)) }))
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
    fn begin(&self, options: &JsValue) -> (Rc<Engine<Browser>>, Call) {
        (Rc::clone(&self.engine), Call::new(options, Box::pin(self.engine.closed())))
    }
}

fn bearer(bearer: &Bearer) -> JsValue {
    let object = Object::new().into();
    js::set(&object, "accessToken", bearer.access_token.expose());
    js::set(&object, "deviceToken", &bearer.device_token);
    object
}
