//! The port for JSON: the values of `serde_json`.

use serde_json::Value;
use telematics_user_client::wire::Json;

/// A value that was read.
#[derive(Debug)]
pub struct Parsed(pub Value);

impl Parsed {
    pub fn from_text(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok().map(Self)
    }
}

impl Json for Parsed {
    fn field(&self, name: &str) -> Option<Self> {
        self.0.get(name).filter(|value| !value.is_null()).cloned().map(Self)
    }

    fn items(&self) -> Option<Vec<Self>> {
        self.0.as_array().map(|items| items.iter().cloned().map(Self).collect())
    }

    fn text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }
}
