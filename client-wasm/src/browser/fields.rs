//! Reading the fields of an object that came from JavaScript, whatever may be in them.

use std::cell::RefCell;

use wasm_bindgen::{JsCast, JsValue};

use super::js::{get, is_given};
use crate::error::Error;

/// The fields of an object. `null` and `undefined` both mean "not given".
///
/// A field that is not as it must be reads as not given, and its name is remembered: [`Fields::done`] then fails with
/// `invalid-argument`. The name is told, never the value.
pub(crate) struct Fields<'a> {
    object: &'a JsValue,
    error: RefCell<Option<Error>>,
}

impl<'a> Fields<'a> {
    /// The fields of that object, which has a name of its own in an error.
    pub(crate) fn of(name: &str, object: &'a JsValue) -> Self {
        let error = (!object.is_object()).then(|| Error::invalid_argument(name, "must be an object"));
        Self { object, error: RefCell::new(error) }
    }

    /// A string.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.checked(name, "must be a string", |value| value.as_string())
    }

    /// A string that must be there and must not be empty.
    pub(crate) fn required(&self, name: &str) -> String {
        let text = self.text(name).unwrap_or_default();
        if text.is_empty() {
            self.fail(name, "must be a string that is not empty");
        }
        text
    }

    /// A whole number from that least one on.
    pub(crate) fn count(&self, name: &str, least: u32) -> Option<u32> {
        self.checked(name, "must be a whole number, and neither too small nor too large", |value| {
            let number = value.as_f64()?;
            (number >= f64::from(least) && f64::from(number as u32) == number).then_some(number as u32)
        })
    }

    /// A boolean.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.checked(name, "must be true or false", |value| value.as_bool())
    }

    /// An object of a class.
    pub(crate) fn instance<T: JsCast>(&self, name: &str, must: &str) -> Option<T> {
        self.checked(name, must, |value| value.dyn_into().ok())
    }

    /// Something that one function can read.
    pub(crate) fn checked<T>(&self, name: &str, must: &str, read: impl FnOnce(JsValue) -> Option<T>) -> Option<T> {
        let value = Some(get(self.object, name)).filter(is_given)?;
        let read = read(value);
        if read.is_none() {
            self.fail(name, must);
        }
        read
    }

    /// Remembers what is wrong; the first thing counts.
    fn fail(&self, name: &str, must: &str) {
        self.error.borrow_mut().get_or_insert_with(|| Error::invalid_argument(name, must));
    }

    /// What was read, unless something was wrong.
    pub(crate) fn done<T>(self, read: T) -> Result<T, Error> {
        self.error.into_inner().map_or(Ok(read), Err)
    }
}
