//! Passing objects through by their shape: from the camelCase of JavaScript to the PascalCase of the wire, and back.

use js_sys::{Array, Object};
use wasm_bindgen::JsValue;

use super::js::{Verbatim, get, is_given, names, set};
use crate::calls::shape::{Field, Shape, Table};
use crate::error::Error;

/// An argument, checked and with the names of the wire.
///
/// # Errors
/// `invalid-argument`, naming the first field that is unknown, missing or something else; never its value.
pub(crate) fn checked(name: &str, object: &JsValue, table: Table) -> Result<Verbatim, Error> {
    inward("", name, object, table).map(Verbatim)
}

/// `before` stands before the names of the fields in an error.
fn inward(before: &str, name: &str, object: &JsValue, table: Table) -> Result<JsValue, Error> {
    let fail = |name: &str, must| Err(Error::invalid_argument(&[before, name].concat(), must));
    if !object.is_object() {
        return fail(name, "must be an object");
    }
    let copy = Object::new().into();
    let mut known = Vec::new();
    for (wire_name, shape) in fields(table) {
        let name = in_camel_case(wire_name);
        let value = get(object, &name);
        if !fits(&value, *shape) {
            return fail(&name, "has a value that it cannot have");
        }
        if let (Shape::Fields(table), true) = (shape, is_given(&value)) {
            set(&copy, wire_name, inward(&[&name, "."].concat(), &name, &value, table)?);
        } else if is_given(&value) {
            set(&copy, wire_name, value);
        }
        known.push(name);
    }
    match names(object).find(|name| !known.contains(name) && is_given(&get(object, name))) {
        // Most likely a slip of the pen.
        Some(name) => fail(&name, "is not known"),
        None => Ok(copy),
    }
}

/// What the service sent, as JavaScript sees it; `None` when it has another shape.
pub(crate) fn presented(object: &JsValue, table: Table) -> Option<JsValue> {
    if is_given(object) && !object.is_object() {
        return None;
    }
    let copy = Object::new().into();
    for (name, shape) in fields(table) {
        set(&copy, &in_camel_case(name), shown(get(object, name), *shape)?);
    }
    Some(copy)
}

fn shown(value: JsValue, shape: Shape) -> Option<JsValue> {
    if let Shape::Fields(table) = shape {
        return presented(&value, table);
    }
    if let Shape::First(table) = shape {
        return presented(&if value.is_array() { get(&value, "0") } else { value }, table);
    }
    if fits(&value, shape) {
        return Some(if is_given(&value) { value } else { default(shape) });
    }
    matches!(shape, Shape::KnownOf(_)).then(|| "Unknown".into()).filter(|_| value.is_string())
}

/// What stands for a value that is missing.
fn default(shape: Shape) -> JsValue {
    match shape {
        Shape::TextOr(text) => text.into(),
        Shape::FlagOr(flag) => flag.into(),
        Shape::List => Array::new().into(),
        Shape::Text | Shape::Known | Shape::Flag | Shape::Whole(_) | Shape::Quantity(_) => JsValue::NULL,
        Shape::OneOf(_) | Shape::KnownOf(_) | Shape::Fields(_) | Shape::First(_) => JsValue::NULL,
    }
}

/// Whether that may stand there.
fn fits(value: &JsValue, shape: Shape) -> bool {
    let whole = |least: u32, most: u32| {
        let within = |number: &f64| *number >= f64::from(least) && *number <= f64::from(most);
        value.as_f64().filter(within).is_some_and(|number| f64::from(number as u32) == number)
    };
    let one_of = |names: &[&str]| value.as_string().is_some_and(|name| names.contains(&name.as_str()));
    match shape {
        Shape::Known => value.is_string(),
        Shape::KnownOf(names) => one_of(names),
        Shape::Quantity(most) => whole(1, most),
        _ if !is_given(value) => true,
        Shape::Text | Shape::TextOr(_) => value.is_string(),
        Shape::Flag | Shape::FlagOr(_) => value.as_bool().is_some(),
        Shape::Whole(most) => whole(0, most),
        Shape::OneOf(names) => one_of(names),
        Shape::List => value.is_array(),
        Shape::Fields(_) | Shape::First(_) => value.is_object(),
    }
}

fn fields(table: Table) -> impl Iterator<Item = &'static Field> {
    table.iter().copied().flatten()
}

/// `FirstName` → `firstName`: every name of the contract differs in its first letter only.
fn in_camel_case(name: &str) -> String {
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    name
}
