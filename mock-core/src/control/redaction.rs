//! Takes the secrets out of what is shown: by the names of properties in any spelling and at any depth, and by the form of a
//! text.

use std::borrow::Cow;

use serde_json::Value;

use crate::json_tree::to_text;
use crate::service::refresh_token::has_form_of_token;

/// The replacement for a secret.
pub const REDACTED: &str = "[redacted]";

/// Names whose values are secrets, in lower case and without separators.
const SECRETS: [&str; 4] = ["token", "bearer", "auth", "pass"];
/// Parts of names whose values are secrets, in lower case and without separators.
const PARTS_OF_SECRETS: [&str; 18] = [
    "cookie",
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "jwt",
    "accesstoken",
    "refreshtoken",
    "authtoken",
    "bearertoken",
    "idtoken",
    "sessiontoken",
    "instancekey",
    "apikey",
    "authorization",
    "credential",
];

/// Whether the value of a property, a header, a parameter or a JSON pointer is a secret: `AccessToken`, `access_token`,
/// `Access-Token`, `/UserFields/Password`.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    name.split('/')
        .map(plain)
        .any(|step| SECRETS.contains(&step.as_str()) || PARTS_OF_SECRETS.iter().any(|part| step.contains(part)))
}

/// A step of a name, in lower case and without separators.
fn plain(step: &str) -> String {
    step.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// A body without its secrets. A text or a number that is the body, or stands in an array that is the body, has no name and
/// may be a secret.
#[must_use]
pub fn redacted_body(body: Value) -> Value {
    match body {
        Value::Array(items) => Value::Array(items.into_iter().map(redacted_body).collect()),
        Value::String(_) | Value::Number(_) => Value::from(REDACTED),
        Value::Null | Value::Bool(_) | Value::Object(_) => redacted(body),
    }
}

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
            for (name, value) in &mut object {
                *value = property(name, value.take());
            }
            Value::Object(object)
        }
        Value::Array(items) => Value::Array(items.into_iter().map(redacted).collect()),
        Value::String(text) => Value::String(redacted_text(text)),
        scalar @ (Value::Null | Value::Bool(_) | Value::Number(_)) => scalar,
    }
}

/// A query without the values of its secrets.
#[must_use]
pub fn redacted_query(query: &str) -> String {
    let pairs = query.split('&').map(|pair| {
        let Some((name, value)) = form_urlencoded::parse(pair.as_bytes()).next() else { return pair.to_owned() };
        let is_plain = |text: &str| redacted_text(text.to_owned()) == text;
        if !is_plain(&name) {
            REDACTED.to_owned()
        } else if is_secret(&name) || !is_plain(&value) {
            format!("{}={REDACTED}", pair.split('=').next().unwrap_or_default())
        } else {
            pair.to_owned()
        }
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// Whether a query contains a secret: under the name of one, or a token under any name.
#[must_use]
pub fn has_secret(query: &str) -> bool {
    let is_plain = |text: &str| redacted_text(text.to_owned()) == text;
    form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| !is_plain(&name) || (!value.is_empty() && (is_secret(&name) || !is_plain(&value))))
}

/// A path without the tokens in it.
#[must_use]
pub fn redacted_path(path: &str) -> Cow<'_, str> {
    if !path.split('/').any(has_token) {
        return Cow::Borrowed(path);
    }
    let segments = path.split('/').map(|segment| if has_token(segment) { REDACTED } else { segment });
    Cow::Owned(segments.collect::<Vec<_>>().join("/"))
}

fn property(name: &str, value: Value) -> Value {
    if plain(name) == "loginfields" {
        login_fields(value)
    } else if is_secret(name) {
        secret(value)
    } else {
        redacted(value)
    }
}

/// The value of a secret property. A boolean says whether there is one, as in `CreateAccessToken`.
fn secret(value: Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value,
        // An access token is an object with its text and its lifetime.
        Value::Object(mut token) if token.keys().all(|name| matches!(plain(name).as_str(), "token" | "expiresin")) => {
            for (name, value) in &mut token {
                if !(value.is_number() && plain(name) == "expiresin") {
                    *value = secret(value.take());
                }
            }
            Value::Object(token)
        }
        Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => Value::from(REDACTED),
    }
}

/// Real clients send this object as text too.
fn login_fields(value: Value) -> Value {
    match &value {
        Value::String(text) => match serde_json::from_slice::<Value>(text.as_bytes()) {
            Ok(inner @ Value::Object(_)) => Value::from(to_text(&redacted(inner))),
            Ok(_) | Err(_) => Value::from(REDACTED),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => redacted_body(value),
    }
}

/// A text without its secrets: JSON in it is read, and a JWT, a refresh token or a bearer token is taken out.
fn redacted_text(text: String) -> String {
    if text.trim_start().starts_with(['{', '['])
        && let Ok(inner) = serde_json::from_slice::<Value>(text.as_bytes())
    {
        let shown = redacted_body(inner.clone());
        // The text as it was sent, unless a secret is in it.
        return if shown == inner { text } else { to_text(&shown) };
    }
    let is_bearer = text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer "));
    if is_bearer || has_token(&text) { REDACTED.to_owned() } else { text }
}

/// Whether a text contains a JWT or is a refresh token.
fn has_token(text: &str) -> bool {
    has_jwt(text) || has_form_of_token(text)
}

/// Whether a text contains a JWT: the encoded start of a JSON object, and two dots.
fn has_jwt(text: &str) -> bool {
    text.match_indices("eyJ").any(|(start, _)| text.get(start..).is_some_and(|rest| rest.matches('.').count() >= 2))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::service::refresh_token::{Mint, Owner, TokenPosition};

    #[test]
    fn secrets_are_taken_out_by_name_in_any_spelling_and_at_any_depth() {
        let shown = redacted(json!({
            "PASSWORD": "canary", "accessToken": "canary", "RefreshToken": "canary", "FirstName": "Ada",
            "access_token": "canary", "refresh-token": "canary", "jwt": "canary", "client_secret": ["canary"],
            "Result": [{ "AccessToken": { "Token": "canary", "ExpiresIn": 5 } }],
            "LoginFields": "{\"Email\":\"a@b\",\"password\":\"canary\"}",
            "NewPassword": { "a": "canary", "canary": 1 }, "oldpassword": 7, "Note": "{\"pwd\":\"canary\"}",
            "Deep": { "Deeper": [{ "Token": { "Token": { "x": "canary" } } }] },
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
    fn what_is_not_a_secret_is_shown_as_it_was_sent() {
        let body = json!({
            "DeviceToken": "7", "CustomToken": "7", "CreateAccessToken": true, "Errors": [{ "Key": "Password" }],
            "Note": "{ \"a\": 1 }", "InstanceId": "i", "Result": null,
        });
        assert_eq!(redacted(body.clone()), body);
    }

    #[test]
    fn login_fields_that_are_no_json_object_are_taken_out_whole() {
        for fields in [json!("canary"), json!("\"canary\""), json!("[\"canary\"]"), json!(["canary"])] {
            let shown = redacted(json!({ "loginfields": fields }));
            assert!(!shown.to_string().contains("canary"), "{shown}");
        }
    }

    #[test]
    fn every_step_of_a_pointer_and_every_name_with_cookie_counts() {
        assert!(is_secret("/Passwords/0") && is_secret("/RefreshToken/x") && is_secret("Set-Cookie"));
        assert!(!is_secret("/UserFields/ClientId"));
    }

    #[test]
    fn a_body_without_names_is_taken_out() {
        assert_eq!(redacted_body(json!("canary")), REDACTED);
        assert_eq!(redacted_body(json!(["canary", [7], { "a": 1 }])), json!([REDACTED, [REDACTED], { "a": 1 }]));
    }

    #[test]
    fn a_jwt_and_a_bearer_token_are_taken_out_under_any_name() {
        let shown = redacted(json!({ "Nickname": "eyJhbGciOi.canary.x", "City": "bearer canary", "Country": "eyJ" }));
        assert_eq!(shown, json!({ "Nickname": REDACTED, "City": REDACTED, "Country": "eyJ" }));
    }

    #[test]
    fn a_query_is_shown_without_its_secrets() {
        let query =
            "a=1&access_token=canary&Pass%77ord=canary&x=%7B%22pwd%22:%22canary%22%7D&eyJcanary.a.b&DeviceToken=7";
        assert_eq!(
            redacted_query(query),
            "a=1&access_token=[redacted]&Pass%77ord=[redacted]&x=[redacted]&[redacted]&DeviceToken=7"
        );
        assert_eq!(redacted_query(""), "");
    }

    #[test]
    fn a_token_in_a_url_is_found_under_any_name_and_in_the_path() {
        let token = Mint::new(&[1; 32])
            .token(Owner { id: [1; 16], incarnation: 1 }, TokenPosition { family: 1, generation: 1 });
        for query in
            ["access_token=canary", "a=1&x=eyJ0.canary.x", "Password=canary", &format!("t={token}"), "bearer%20x=1"]
        {
            assert!(has_secret(query), "{query}");
        }
        for query in [
            "",
            "DeviceToken=7",
            "access_token=",
            "Nickname=eyJ",
            "page=2&ClientId=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE",
        ] {
            assert!(!has_secret(query), "{query}");
        }
        let path = format!("/v1/Auth/RefreshToken/{token}");
        assert_eq!(redacted_path(&path), "/v1/Auth/RefreshToken/[redacted]");
        assert_eq!(redacted_path("/v1/users/eyJ0.canary.x/y"), "/v1/users/[redacted]/y");
        assert_eq!(redacted_path("/v1/users"), "/v1/users");
    }
}
