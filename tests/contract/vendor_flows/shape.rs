//! The comparison of an answer with the shape of the vendor's sample: the set of fields, their JSON types and constant values.
//!
//! `shapes.json` has the shapes. A text in a shape is a type (`uuid`, `time`, `text`; with `?` it may be `null`), or `=` and the
//! constant value. An array has one shape, which each of its items must have, and at least one item.

use serde_json::Value;
use telematics_contract_tests::Answer;

/// Checks that an answer has the shape with this name.
pub fn assert_shape(answer: &Answer, name: &str) {
    let shapes: Value = serde_json::from_str(include_str!("shapes.json")).expect("the shapes are JSON");
    let shape = shapes.get(name).unwrap_or_else(|| panic!("there is no shape {name}"));
    let status = shape.get("Status").or_else(|| shape.get("status")).and_then(Value::as_str);
    assert_eq!(Some(format!("={}", answer.status.as_u16()).as_str()), status, "{:?}", answer.body);
    let mut differences = Vec::new();
    compare(&answer.body, shape, name, &mut differences);
    assert!(differences.is_empty(), "{differences:#?}");
}

fn compare(actual: &Value, shape: &Value, path: &str, differences: &mut Vec<String>) {
    match (actual, shape) {
        (Value::Object(fields), Value::Object(shapes)) => {
            for name in fields.keys().filter(|name| !shapes.contains_key(*name)) {
                differences.push(format!("{path}.{name} is not in the sample"));
            }
            for (name, shape) in shapes {
                match fields.get(name) {
                    None => differences.push(format!("{path}.{name} is missing")),
                    Some(field) => compare(field, shape, &format!("{path}.{name}"), differences),
                }
            }
        }
        (Value::Array(items), Value::Array(shapes)) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                compare(item, &shapes[0], &format!("{path}[{index}]"), differences);
            }
        }
        (value, Value::String(shape)) if fits(value, shape) => {}
        (value, shape) => differences.push(format!("{path} is {value}, expected {shape}")),
    }
}

fn fits(value: &Value, shape: &str) -> bool {
    if let Some(shape) = shape.strip_suffix('?') {
        return value.is_null() || fits(value, shape);
    }
    if let Some(constant) = shape.strip_prefix('=') {
        return value.as_str() == Some(constant) || value.as_u64().is_some_and(|number| number.to_string() == constant);
    }
    let text = value.as_str();
    match shape {
        "null" => value.is_null(),
        "none" => value.as_array().is_some_and(Vec::is_empty),
        "boolean" => value.is_boolean(),
        "number" => value.is_u64(),
        "text" => text.is_some(),
        "uuid" => text.is_some_and(is_uuid),
        "jwt" => text.is_some_and(|text| text.split('.').count() == 3),
        "time" => text.is_some_and(|text| text.len() >= 19 && text.as_bytes()[10] == b'T' && !text.ends_with('Z')),
        "default picture" => text.is_some_and(|text| text.ends_with("/Files/DefaultImages/ic_no_avatar_white.png")),
        _ => panic!("there is no type {shape}"),
    }
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<_> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|letter| letter == '-' || letter.is_ascii_hexdigit())
}
