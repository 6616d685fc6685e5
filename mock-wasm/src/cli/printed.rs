//! What a run prints at its end.

use telematics_mock_cli::printed::Printed as Text;
use wasm_bindgen::prelude::*;

/// A text and an exit code.
#[wasm_bindgen]
#[derive(Clone, Debug)]
pub struct Printed(Text);

#[wasm_bindgen]
impl Printed {
    /// A sentence about a failure.
    #[must_use]
    pub fn failure(sentence: &str) -> Self {
        Text::failure(sentence).into()
    }

    /// The failure to print a text, with the words of the machine.
    #[must_use]
    pub fn unprinted(why: &str) -> Self {
        Text::unprinted(&why).into()
    }

    /// The text, with its last line break. It may be empty.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn text(&self) -> String {
        self.0.text.clone()
    }

    /// Whether it goes to standard error.
    #[must_use]
    #[wasm_bindgen(getter, js_name = toStandardError)]
    pub fn to_standard_error(&self) -> bool {
        self.0.to_standard_error
    }

    /// The exit code.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn code(&self) -> u8 {
        self.0.code
    }
}

impl From<Text> for Printed {
    fn from(text: Text) -> Self {
        Self(text)
    }
}
