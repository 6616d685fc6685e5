//! Patches of a JSON body: merge patches (RFC 7396) with one difference. `null` sets the property to `null`; a merge patch would
//! remove it, and then no patch could make a response with `"Result": null`.

use serde_json::{Map, Value};

/// Changes a JSON value: objects are merged, and anything else replaces what is there.
pub fn apply(target: &mut Value, patch: &Map<String, Value>) {
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(object) = target else { return };
    for (name, change) in patch {
        match change {
            Value::Object(change) => apply(object.entry(name.as_str()).or_insert(Value::Null), change),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                object.insert(name.clone(), change.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn patched(mut target: Value, patch: Value) -> Value {
        let Value::Object(patch) = patch else { panic!("a patch is an object") };
        apply(&mut target, &patch);
        target
    }

    #[test]
    fn objects_are_merged_null_is_set_and_anything_else_replaces() {
        let body = json!({ "Status": 200, "Result": { "A": 1, "B": [1, 2] } });
        assert_eq!(
            patched(body.clone(), json!({ "Status": 401, "Result": null })),
            json!({ "Status": 401, "Result": null })
        );
        assert_eq!(
            patched(body, json!({ "Result": { "B": [3], "C": {} } })),
            json!({ "Status": 200, "Result": { "A": 1, "B": [3], "C": {} } })
        );
        assert_eq!(patched(json!([1]), json!({ "a": { "b": 1 } })), json!({ "a": { "b": 1 } }));
    }

    fn object() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![Just(Value::Null), any::<i8>().prop_map(Value::from), "[a-c]{0,2}".prop_map(Value::from)];
        let value = leaf.prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-c]", inner, 0..3)
                    .prop_map(|object| Value::Object(object.into_iter().collect()))
            ]
        });
        prop::collection::btree_map("[a-c]", value, 0..3).prop_map(|object| Value::Object(object.into_iter().collect()))
    }

    /// Whether everything that the patch sets is in the value.
    fn contains(value: &Value, patch: &Value) -> bool {
        let Value::Object(changes) = patch else { return value == patch };
        changes.iter().all(|(name, change)| value.get(name).is_some_and(|at| contains(at, change)))
    }

    proptest! {
        #[test]
        fn a_patched_value_contains_the_patch_and_patching_it_again_changes_nothing(body in object(), patch in object()) {
            let once = patched(body.clone(), patch.clone());
            prop_assert!(contains(&once, &patch));
            prop_assert_eq!(patched(once.clone(), patch.clone()), once.clone());
            for (name, value) in body.as_object().unwrap() {
                if patch.get(name).is_none() {
                    prop_assert_eq!(once.get(name), Some(value));
                }
            }
        }

        #[test]
        fn an_empty_patch_changes_nothing(body in object()) {
            prop_assert_eq!(patched(body.clone(), json!({})), body);
        }
    }
}
