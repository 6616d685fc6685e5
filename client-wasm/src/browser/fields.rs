//! Reading the fields of an object from JavaScript, which may have any type.

use std::cell::RefCell;

use wasm_bindgen::{JsCast, JsValue};

use super::property::{get, is_given};
use crate::error::Error;

/// The fields of an object. `null` and `undefined` both mean "absent".
///
/// A field with a wrong type reads as absent, and [`Fields::finish`] then fails with `invalid-argument`. The error contains the name
/// of the field and never its value.
pub(crate) struct Fields<'a> {
    object: &'a JsValue,
    error: RefCell<Option<Error>>,
}

impl<'a> Fields<'a> {
    /// The fields of `object`; an error about the object itself calls it `name`.
    pub(crate) fn new(name: &str, object: &'a JsValue) -> Self {
        let error = (!object.is_object()).then(|| Error::invalid_argument(name, "must be an object"));
        Self { object, error: RefCell::new(error) }
    }

    /// A string.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.read(name, "must be a string", |value| value.as_string())
    }

    /// A non-empty string that is required.
    pub(crate) fn required(&self, name: &str) -> String {
        let text = self.text(name).unwrap_or_default();
        if text.is_empty() {
            self.fail(name, "must be a non-empty string");
        }
        text
    }

    /// A whole number of at least `least`.
    pub(crate) fn count(&self, name: &str, least: u32) -> Option<u32> {
        self.read(name, "must be a whole number in range", |value| {
            let number = value.as_f64()?;
            (number >= f64::from(least) && f64::from(number as u32) == number).then_some(number as u32)
        })
    }

    /// A boolean.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.read(name, "must be true or false", |value| value.as_bool())
    }

    /// An instance of a class.
    pub(crate) fn instance<T: JsCast>(&self, name: &str, must: &str) -> Option<T> {
        self.read(name, must, |value| value.dyn_into().ok())
    }

    /// A value that `read` accepts; `must` describes such a value in an error.
    pub(crate) fn read<T>(&self, name: &str, must: &str, read: impl FnOnce(JsValue) -> Option<T>) -> Option<T> {
        let value = Some(get(self.object, name)).filter(is_given)?;
        let read = read(value);
        if read.is_none() {
            self.fail(name, must);
        }
        read
    }

    /// Remembers the first error.
    fn fail(&self, name: &str, must: &str) {
        self.error.borrow_mut().get_or_insert_with(|| Error::invalid_argument(name, must));
    }

    /// Returns `value`, or the first error.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, Error> {
        self.error.into_inner().map_or(Ok(value), Err)
    }
}
