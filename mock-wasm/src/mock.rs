//! A mock, made of options.

use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;
use telematics_mock_core::http::Api;
use telematics_mock_core::mock::{Identities, Mock as Core};
use wasm_bindgen::prelude::*;

use crate::exchange::Exchange;
use crate::options::Options;
use crate::platform::EventLoop;

/// A mock in the memory of this program.
#[wasm_bindgen]
pub struct Mock {
    core: Arc<Core>,
    api: Rc<Api>,
    identities: Identities,
}

#[wasm_bindgen]
impl Mock {
    /// Makes a mock. `entropy` is 32 bytes that nobody can guess; the secrets come from them unless the options have a seed.
    ///
    /// # Errors
    ///
    /// An option is unknown or invalid: an `Error` with a sentence that names it.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue, entropy: &[u8]) -> Result<Self, JsError> {
        let wrong = |sentence: String| JsError::new(&sentence);
        let options: Value = serde_wasm_bindgen::from_value(options).map_err(|_| {
            JsError::new(
                "an option has a value that JSON does not have, such as a function, or a number of more than 64 bits",
            )
        })?;
        let entropy = entropy.try_into().map_err(|_| JsError::new("the entropy must be 32 bytes"))?;
        let (start, options) = Options::read(options).and_then(|options| options.start(entropy)).map_err(wrong)?;
        let identities = Identities::with(&start.initial_data);
        let core = Core::start(start, Arc::new(EventLoop)).map_err(|error| wrong(error.to_string()))?;
        let api = Rc::new(Api::new(Arc::clone(&core), options));
        Ok(Self { core, api, identities })
    }

    /// The instances and the admin that exist from the start, with their credentials.
    ///
    /// # Errors
    ///
    /// The object cannot be written, which does not happen.
    #[wasm_bindgen(getter)]
    pub fn identities(&self) -> Result<JsValue, JsError> {
        Ok(serde_wasm_bindgen::to_value(&self.identities)?)
    }

    /// Begins the exchange of a request for its answer. `target` is the target of the request line, or the whole URL; `headers`
    /// are names and values in turn; `peer` is the address of the connection. `undefined` if the request is not valid HTTP.
    #[must_use]
    pub fn exchange(&self, method: &str, target: &str, headers: Vec<String>, peer: Option<String>) -> Option<Exchange> {
        Exchange::begin(Rc::clone(&self.api), method, target, &headers, peer.as_deref())
    }

    /// The number of changes of the state so far.
    #[must_use]
    #[wasm_bindgen(getter)]
    #[expect(clippy::cast_precision_loss, reason = "nobody makes 2^53 changes")]
    pub fn revision(&self) -> f64 {
        self.core.service.revision() as f64
    }
}

/// Everybody who waits for something hears the end.
impl Drop for Mock {
    fn drop(&mut self) {
        self.core.control.release();
    }
}
