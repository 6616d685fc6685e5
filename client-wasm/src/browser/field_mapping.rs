//! Relaying an object by the table of its fields: from the camelCase of JavaScript to the PascalCase of the wire, and back.

use js_sys::{Array, Object};
use wasm_bindgen::JsValue;

use super::property::{get, is_given, names, set};
use crate::calls::shape::{Field, Shape, Table};
use crate::error::Error;

/// Checks an argument and returns a copy with the names of the wire.
///
/// # Errors
/// `invalid-argument`, with the name of the first field that is unknown, absent or not valid; never with its value.
pub(crate) fn to_wire(name: &str, object: &JsValue, table: Table) -> Result<JsValue, Error> {
    nested_to_wire("", name, object, table)
}

/// `path` stands before the names of the fields in an error.
fn nested_to_wire(path: &str, name: &str, object: &JsValue, table: Table) -> Result<JsValue, Error> {
    let fail = |name: &str, must| Err(Error::invalid_argument(&[path, name].concat(), must));
    if !object.is_object() {
        return fail(name, "must be an object");
    }
    let copy = Object::new().into();
    let mut known = Vec::new();
    for (wire_name, shape) in fields(table) {
        let name = camel_case(wire_name);
        let value = get(object, &name);
        if !is_valid(&value, *shape) {
            return fail(&name, "has an invalid value");
        }
        if let (Shape::Object(table), true) = (shape, is_given(&value)) {
            set(&copy, wire_name, nested_to_wire(&[&name, "."].concat(), &name, &value, table)?);
        } else if is_given(&value) {
            set(&copy, wire_name, value);
        }
        known.push(name);
    }
    match names(object).find(|name| !known.contains(name) && is_given(&get(object, name))) {
        // Most likely a typing mistake.
        Some(name) => fail(&name, "is unknown"),
        None => Ok(copy),
    }
}

/// Returns a copy of a result with the names of JavaScript; `None` if it has another shape.
pub(crate) fn to_camel_case(object: &JsValue, table: Table) -> Option<JsValue> {
    if is_given(object) && !object.is_object() {
        return None;
    }
    let copy = Object::new().into();
    for (name, shape) in fields(table) {
        set(&copy, &camel_case(name), value_to_camel_case(get(object, name), *shape)?);
    }
    Some(copy)
}

fn value_to_camel_case(value: JsValue, shape: Shape) -> Option<JsValue> {
    if let Shape::Object(table) = shape {
        return to_camel_case(&value, table);
    }
    if let Shape::FirstOf(table) = shape {
        return to_camel_case(&if value.is_array() { get(&value, "0") } else { value }, table);
    }
    if is_valid(&value, shape) {
        return Some(if is_given(&value) { value } else { default(shape) });
    }
    matches!(shape, Shape::RequiredOneOf(_)).then(|| "Unknown".into()).filter(|_| value.is_string())
}

/// The value of an absent field.
fn default(shape: Shape) -> JsValue {
    match shape {
        Shape::TextOr(text) => text.into(),
        Shape::FlagOr(flag) => flag.into(),
        Shape::List => Array::new().into(),
        Shape::Text | Shape::RequiredText | Shape::Flag | Shape::Whole(_) | Shape::Quantity(_) => JsValue::NULL,
        Shape::OneOf(_) | Shape::RequiredOneOf(_) | Shape::Object(_) | Shape::FirstOf(_) => JsValue::NULL,
    }
}

/// Whether a field of this shape may have this value.
fn is_valid(value: &JsValue, shape: Shape) -> bool {
    let is_whole = |least: u32, most: u32| {
        let is_in_range = |number: &f64| *number >= f64::from(least) && *number <= f64::from(most);
        value.as_f64().filter(is_in_range).is_some_and(|number| f64::from(number as u32) == number)
    };
    let is_one_of = |names: &[&str]| value.as_string().is_some_and(|name| names.contains(&name.as_str()));
    match shape {
        Shape::RequiredText => value.is_string(),
        Shape::RequiredOneOf(names) => is_one_of(names),
        Shape::Quantity(most) => is_whole(1, most),
        _ if !is_given(value) => true,
        Shape::Text | Shape::TextOr(_) => value.is_string(),
        Shape::Flag | Shape::FlagOr(_) => value.as_bool().is_some(),
        Shape::Whole(most) => is_whole(0, most),
        Shape::OneOf(names) => is_one_of(names),
        Shape::List => value.is_array(),
        Shape::Object(_) | Shape::FirstOf(_) => value.is_object(),
    }
}

/// The fields of a table.
pub(crate) fn fields(table: Table) -> impl Iterator<Item = &'static Field> {
    table.iter().copied().flatten()
}

/// `FirstName` → `firstName`. The names of the contract differ from those of JavaScript in the first letter only.
fn camel_case(name: &str) -> String {
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    name
}
