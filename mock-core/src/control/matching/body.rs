//! What a match says about the JSON body of a request: JSON pointers (RFC 6901) and the values that they must lead to.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::pattern::TextPattern;
use crate::control::redaction::{REDACTED, is_secret, redacted};
use crate::json_tree::to_text;

/// The expected values in a body, by JSON pointers.
///
/// The names in a pointer match in any letter case, as the contract reads them, and a pointer leads into JSON that is sent as
/// text (`LoginFields`). In an expected text `*` stands for any text. `null` stands for an absent property too.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BodyMatch(pub BTreeMap<String, Value>);

impl BodyMatch {
    /// The first pointer that is not one.
    #[must_use]
    pub fn invalid_pointer(&self) -> Option<&str> {
        self.0.keys().map(String::as_str).find(|pointer| steps(pointer).is_none())
    }

    /// Whether every pointer leads to its expected value. A request without a JSON body is `None`.
    #[must_use]
    pub fn fits(&self, body: Option<&Value>) -> bool {
        self.0.iter().all(|(pointer, expected)| is_met(pointer, expected, body))
    }

    /// The pointers that do not lead to their expected values, each with what was expected and what is there, without secrets.
    #[must_use]
    pub fn differences(&self, body: Option<&Value>) -> Vec<(&str, String, String)> {
        let unmet = self.0.iter().filter(|(pointer, expected)| !is_met(pointer, expected, body));
        unmet
            .map(|(pointer, expected)| {
                let actual = body.and_then(|body| at(body, pointer));
                (pointer.as_str(), shown(pointer, Some(expected)), shown(pointer, actual.as_deref()))
            })
            .collect()
    }
}

/// The pointers and the values, without secrets.
impl fmt::Debug for BodyMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(pointer, value)| (pointer, shown(pointer, Some(value))))).finish()
    }
}

fn shown(pointer: &str, value: Option<&Value>) -> String {
    match value {
        None => "none".to_owned(),
        Some(value @ (Value::Null | Value::Bool(_))) => to_text(value),
        Some(_) if is_secret(pointer) => REDACTED.to_owned(),
        Some(value) => {
            // Under its name, because the name tells what is a secret.
            let name = pointer.rsplit('/').next().unwrap_or_default();
            let named = Value::Object(Map::from_iter([(name.to_owned(), value.clone())]));
            redacted(named).get(name).map(to_text).unwrap_or_default()
        }
    }
}

fn is_met(pointer: &str, expected: &Value, body: Option<&Value>) -> bool {
    let actual = body.and_then(|body| at(body, pointer));
    match actual {
        None => expected.is_null() && body.is_some(),
        Some(actual) => value_fits(expected, &actual),
    }
}

/// The steps of a pointer; `None` if it is not a JSON pointer.
fn steps(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let step = |step: &str| {
        let is_escaped = step.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        is_escaped.then(|| step.replace("~1", "/").replace("~0", "~"))
    };
    pointer.strip_prefix('/')?.split('/').map(step).collect()
}

/// The value that a pointer leads to.
fn at<'a>(body: &'a Value, pointer: &str) -> Option<Cow<'a, Value>> {
    follow(body, &steps(pointer)?)
}

fn follow<'a>(value: &'a Value, steps: &[String]) -> Option<Cow<'a, Value>> {
    let Some((step, rest)) = steps.split_first() else { return Some(Cow::Borrowed(value)) };
    match value {
        Value::Object(object) => {
            let any_case = || object.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(step));
            follow(object.get(step).or_else(|| any_case().map(|(_, value)| value))?, rest)
        }
        Value::Array(items) => follow(items.get(index(step)?)?, rest),
        Value::String(text) => {
            let inner: Value =
                serde_json::from_slice(text.as_bytes()).ok().filter(|inner: &Value| !inner.is_string())?;
            follow(&inner, steps).map(|found| Cow::Owned(found.into_owned()))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The index of an item (RFC 6901, section 4): digits without a leading zero.
fn index(step: &str) -> Option<usize> {
    let is_index = step.bytes().all(|byte| byte.is_ascii_digit()) && (step == "0" || !step.starts_with('0'));
    if is_index { step.parse().ok() } else { None }
}

fn value_fits(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::String(pattern), Value::String(text)) => TextPattern::new(pattern).fits(text),
        // 1 and 1.0 are one number in JSON.
        (Value::Number(one), Value::Number(other)) if one.is_f64() || other.is_f64() => one.as_f64() == other.as_f64(),
        (Value::Array(expected), Value::Array(actual)) => {
            expected.len() == actual.len() && expected.iter().zip(actual).all(|(one, other)| value_fits(one, other))
        }
        (Value::Object(expected), Value::Object(actual)) => {
            expected.len() == actual.len()
                && expected.iter().all(|(name, value)| actual.get(name).is_some_and(|other| value_fits(value, other)))
        }
        (
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_),
            _,
        ) => expected == actual,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fits(pointer: &str, expected: Value, body: Value) -> bool {
        BodyMatch(BTreeMap::from([(pointer.to_owned(), expected)])).fits(Some(&body))
    }

    #[test]
    fn a_pointer_finds_a_property_in_any_letter_case_and_inside_json_text() {
        let body =
            json!({ "UserFields": { "ClientId": "c-17" }, "LoginFields": "{\"Email\":\"a@b\"}", "List": [1, 2] });
        assert!(fits("/userfields/CLIENTID", json!("c-17"), body.clone()));
        assert!(fits("/UserFields/ClientId", json!("c-*"), body.clone()));
        assert!(fits("/loginFields/email", json!("a@b"), body.clone()));
        assert!(fits("/List/1", json!(2.0), body.clone()));
        assert!(fits("/List", json!([1, 2]), body.clone()));
        assert!(fits("", body.clone(), body.clone()));
        assert!(!fits("/List/01", json!(2), body.clone()), "an index has no leading zero");
        assert!(!fits("/List/2", json!(2), body.clone()));
        assert!(!fits("/UserFields", json!("c-17"), body));
    }

    #[test]
    fn null_stands_for_an_absent_property_of_a_body_and_not_for_a_body_that_is_absent() {
        assert!(fits("/Email", Value::Null, json!({})));
        assert!(fits("/Email", Value::Null, json!({ "Email": null })));
        assert!(!fits("/Email", Value::Null, json!({ "Email": "" })));
        assert!(!BodyMatch(BTreeMap::from([("/Email".to_owned(), Value::Null)])).fits(None));
    }

    #[test]
    fn differences_contain_no_secret() {
        let wanted = BodyMatch(BTreeMap::from([
            ("/Password".to_owned(), json!("canary-expected")),
            ("/UserFields".to_owned(), json!({ "access_token": "canary" })),
            ("/Email".to_owned(), json!("a@b")),
        ]));
        let body = json!({ "Password": "canary-actual", "Email": "b@c" });
        let shown = format!("{:?} {wanted:?}", wanted.differences(Some(&body)));
        assert!(!shown.contains("canary"), "{shown}");
        assert!(shown.contains("b@c"), "{shown}");
    }

    #[test]
    fn a_text_that_is_not_a_json_pointer_is_recognised() {
        for (pointer, is_pointer) in
            [("", true), ("/a~1b", true), ("/", true), ("a", false), ("/a~2", false), ("/~", false)]
        {
            assert_eq!(steps(pointer).is_some(), is_pointer, "{pointer}");
        }
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-c]{0,3}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-c/~]{1,3}", inner, 0..4)
                    .prop_map(|object| Value::Object(object.into_iter().collect()))
            ]
        })
    }

    /// Every value in `value` with the pointer that leads to it.
    fn pointers(value: &Value, pointer: &str, found: &mut Vec<(String, Value)>) {
        found.push((pointer.to_owned(), value.clone()));
        match value {
            Value::Object(object) => object.iter().for_each(|(name, inner)| {
                let step = name.replace('~', "~0").replace('/', "~1");
                pointers(inner, &format!("{pointer}/{step}"), found);
            }),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(index, inner)| pointers(inner, &format!("{pointer}/{index}"), found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    proptest! {
        #[test]
        fn the_pointer_of_every_value_leads_to_it(body in json_value()) {
            let mut all = Vec::new();
            pointers(&body, "", &mut all);
            let wanted = BodyMatch(all.into_iter().collect());
            prop_assert_eq!(wanted.invalid_pointer(), None);
            prop_assert!(wanted.fits(Some(&body)), "{:?}", wanted.differences(Some(&body)));
        }

        #[test]
        fn any_pointer_can_be_followed_through_any_value(body in json_value(), pointer in "[/~01a-c]{0,8}") {
            let by_the_library = body.pointer(&pointer);
            if let Some(found) = by_the_library.filter(|_| steps(&pointer).is_some()) {
                let followed = at(&body, &pointer);
                prop_assert_eq!(followed.as_deref(), Some(found));
            }
        }
    }
}
