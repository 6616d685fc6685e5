//! The bodies of responses.

use serde_json::{Value, json};

/// Lifetime in seconds of the access tokens in [`tokens`].
pub const LIFETIME: u32 = 86_400;

/// A response with the pair of tokens of this number.
pub fn tokens(device_token: &str, number: u32) -> Value {
    success(&json!({
        "DeviceToken": device_token,
        "AccessToken": { "Token": format!("jwt-{number}"), "ExpiresIn": LIFETIME },
        "RefreshToken": format!("refresh-{number}"),
    }))
}

pub fn success(result: &Value) -> Value {
    json!({ "Result": result, "Status": 200, "Title": "", "Errors": [] })
}

pub fn failure(status: u16) -> Value {
    json!({ "Status": status, "Title": "No.", "Errors": [] })
}
