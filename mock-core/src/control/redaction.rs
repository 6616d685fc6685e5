//! Takes the secrets out of what is shown: by the names of properties, in any letter case and at any depth.

use serde_json::{Map, Value};

/// The replacement for a secret.
pub const REDACTED: &str = "[redacted]";

/// Properties whose values are secrets.
const SECRETS: [&str; 9] = [
    "accesstoken",
    "refreshtoken",
    "token",
    "password",
    "oldpassword",
    "newpassword",
    "instancekey",
    "toinstancekey",
    "authorization",
];

/// The value without its secrets.
#[must_use]
pub fn redacted(value: Value) -> Value {
    match value {
        Value::Object(mut object) => {
            // The key of an instance; the `Key` of an error has no `Id` beside it.
            if object.contains_key("Id")
                && let Some(key) = object.get_mut("Key")
            {
                *key = Value::from(REDACTED);
            }
            Value::Object(object.into_iter().map(property).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(redacted).collect()),
        scalar @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => scalar,
    }
}

fn property((name, value): (String, Value)) -> (String, Value) {
    let lower = name.to_ascii_lowercase();
    let value = if SECRETS.contains(&lower.as_str()) {
        match value {
            Value::Null => Value::Null,
            // An access token is an object with a lifetime; its text is in `Token`.
            Value::Object(object) => redacted(Value::Object(object)),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Value::from(REDACTED),
        }
    } else if lower == "loginfields" {
        // Real clients send this object as text too, and it may hold anything.
        match value {
            Value::String(text) => match serde_json::from_str::<Value>(&text) {
                Ok(inner) => Value::from(redacted(inner).to_string()),
                Err(_) => Value::from(REDACTED),
            },
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                redacted(other)
            }
        }
    } else {
        redacted(value)
    };
    (name, value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_taken_out_by_name_in_any_letter_case_and_at_any_depth() {
        let shown = redacted(json!({
            "PASSWORD": "canary", "accessToken": "canary", "RefreshToken": "canary", "FirstName": "Ada",
            "Result": [{ "AccessToken": { "Token": "canary", "ExpiresIn": 5 } }],
            "LoginFields": "{\"Email\":\"a@b\",\"password\":\"canary\"}",
            "NewPassword": ["canary"], "oldpassword": 7,
        }));
        assert!(!shown.to_string().contains("canary"), "{shown}");
        assert_eq!(shown["Result"][0]["AccessToken"]["ExpiresIn"], 5);
        assert_eq!(shown["FirstName"], "Ada");
        assert_eq!(shown["oldpassword"], REDACTED);
    }

    #[test]
    fn the_key_of_an_instance_is_taken_out_and_the_key_of_an_error_is_not() {
        let shown = redacted(json!({ "Result": [{ "Id": "1", "Key": "canary" }], "Errors": [{ "Key": "Name" }] }));
        assert_eq!(shown, json!({ "Result": [{ "Id": "1", "Key": REDACTED }], "Errors": [{ "Key": "Name" }] }));
    }

    #[test]
    fn login_fields_that_are_no_json_are_taken_out_whole() {
        assert_eq!(redacted(json!({ "loginfields": "canary" }))["loginfields"], REDACTED);
    }
}
