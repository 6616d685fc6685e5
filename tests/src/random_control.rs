//! Random requests to every call of the control API. Most are nearly right, so that they get past the first check.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::known::{DEMO, NOBODY, UBI};
use crate::pages::{ControlRoute, control_routes};

/// A random request to the control API.
#[derive(Clone, Debug)]
pub struct ControlRequest {
    method: String,
    path: String,
    query: String,
    content_type: &'static str,
    body: Vec<u8>,
}

/// Names that bodies and queries of the control API have.
const NAMES: &[&str] = &[
    "instance",
    "match",
    "method",
    "path",
    "status",
    "deviceToken",
    "headers",
    "body",
    "hint",
    "times",
    "after",
    "probability",
    "then",
    "delayMs",
    "jitterMs",
    "reset",
    "truncateBody",
    "dribbleMs",
    "commitThen",
    "commitThenDrop",
    "patch",
    "hold",
    "preset",
    "parties",
    "timeoutMs",
    "exactly",
    "atLeast",
    "atMost",
    "within",
    "sequence",
    "since",
    "limit",
    "wait",
    "advance",
    "set",
    "freeze",
    "which",
    "name",
    "products",
    "settings",
    "rotation",
    "graceSeconds",
    "loginTokenSeconds",
    "deviceTokenSunset",
    "state",
    "accessToken",
    "refreshToken",
    "expiresIn",
    "clientId",
    "profile",
    "password",
    "count",
    "claims",
    "drop",
    "signature",
    "search",
    "page",
    "pageSize",
    "to",
];

/// Texts that bodies of the control API have.
const WORDS: &[&str] =
    &["", "*", "@device", "2s", "0.01s", "1ms", "active", "live", "none", "GET", "/v1/*", "strict", DEMO.id, UBI.id];

/// Bodies that are right or nearly right, each with the call that it is for.
fn samples() -> Vec<(&'static str, Value)> {
    let target = json!({ "method": "POST", "path": "*RefreshToken" });
    vec![
        (
            "/instances",
            json!({ "name": "A", "products": ["UBI"], "settings": { "rotation": "grace", "graceSeconds": 2.5 } }),
        ),
        (
            "/settings",
            json!({ "loginTokenSeconds": 3, "refreshTokenSeconds": 1, "clockSkewSeconds": 0, "loginLockout": true }),
        ),
        (
            "/settings",
            json!({ "rotation": "reuse", "refreshRejectedStatus": 400, "deviceTokenSunset": "2030-01-01T00:00:00Z" }),
        ),
        ("/clock", json!({ "advance": "2s" })),
        ("/clock", json!({ "advance": "P1DT2H" })),
        ("/clock", json!({ "set": "2027-01-01T00:00:00Z" })),
        ("/clock", json!({ "freeze": true })),
        ("/tokens/expire", json!({ "deviceToken": "@device", "which": "all" })),
        ("/tokens", json!({ "deviceToken": "@device", "expiresIn": -5, "claims": { "a": [1] }, "drop": ["exp"] })),
        ("/tokens", json!({ "deviceToken": "@device", "signature": "wrong-key" })),
        ("/requests/verify", json!({ "match": target, "exactly": 0 })),
        (
            "/requests/verify",
            json!({ "match": { "status": 200, "deviceToken": "@device" }, "atLeast": 1, "within": "0.01s" }),
        ),
        ("/requests/verify", json!({ "match": { "hint": true, "headers": { "InstanceId": true } }, "atLeast": 1 })),
        ("/requests/verify", json!({ "sequence": [target, { "path": "/v1/Auth/Login" }], "within": "0.01s" })),
        (
            "/faults",
            json!({ "match": target, "times": 2, "then": { "status": 503, "headers": { "Retry-After": "1" } } }),
        ),
        ("/faults", json!({ "match": {}, "times": 1, "after": 2, "then": { "commitThenDrop": true } })),
        (
            "/faults",
            json!({ "match": {}, "probability": 0.5, "then": { "delayMs": 1, "jitterMs": 2, "truncateBody": 3 } }),
        ),
        (
            "/faults",
            json!({ "match": { "headers": { "InstanceId": true } }, "then": { "commitThen": { "status": 502 } } }),
        ),
        (
            "/faults",
            json!({ "match": { "body": { "/LoginFields/DeviceToken": "*" } }, "then": { "patch": { "Result": null } } }),
        ),
        ("/faults", json!({ "match": {}, "times": 3, "then": { "preset": "captive-portal", "dribbleMs": 2 } })),
        ("/faults", json!({ "match": {}, "times": 1, "then": { "hold": "response" } })),
        ("/barriers", json!({ "match": target, "parties": 2, "timeoutMs": 1 })),
        ("/users", json!({ "state": "deactivated", "accessToken": "expired", "refreshToken": "used", "count": 3 })),
        (
            "/users",
            json!({ "clientId": "c", "profile": { "firstName": "A", "email": "a@example.com" }, "password": "p" }),
        ),
        ("/users", json!({ "deviceToken": NOBODY, "accessToken": { "expiresIn": 9 }, "refreshToken": "superseded" })),
        ("/users/{deviceToken}", json!({ "state": "active", "accessToken": "valid", "refreshToken": "live" })),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => prop::sample::select(WORDS).prop_map(str::to_owned), 1 => any::<String>()]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![9 => prop::sample::select(NAMES).prop_map(str::to_owned), 1 => any::<String>()]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        // Larger times would be waited for.
        (-2_i64..5).prop_map(Value::from),
        (1_u64 << 40..).prop_map(Value::from),
        any::<i64>().prop_filter("a long time", |number| *number < 5 || *number > 1 << 40).prop_map(Value::from),
        (-1.0_f64..2.0).prop_map(Value::from),
        text().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            4 => prop::collection::vec((name(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A sample for a call, with some members replaced, at the top or one level below.
fn mutated(path: &str) -> impl Strategy<Value = Value> + use<> {
    let fitting = samples().into_iter().filter(|(call, _)| *call == path).map(|(_, sample)| sample);
    let fitting: Vec<Value> = std::iter::once(json!({})).chain(fitting).collect();
    let changes = prop::collection::vec((any::<prop::sample::Index>(), name(), json()), 0..3);
    (prop::sample::select(fitting), changes).prop_map(|(mut sample, changes)| {
        for (place, name, value) in changes {
            let Value::Object(members) = &mut sample else { continue };
            let inner = members.values().filter(|value| value.is_object()).count();
            let replaced = match place.index(inner + 1).checked_sub(1) {
                Some(nth) => members.values_mut().filter_map(Value::as_object_mut).nth(nth),
                None => Some(members),
            };
            if let Some(members) = replaced {
                members.insert(name, value);
            }
        }
        sample
    })
}

fn query() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("@device".to_owned()),
        Just("1".to_owned()),
        Just("0.01s".to_owned()),
        "[A-Za-z0-9*/._%~-]{0,12}",
    ];
    let scope = prop_oneof![
        3 => Just(format!("instance={}", DEMO.id)),
        1 => Just(format!("instance={}", UBI.id)),
        1 => Just(String::new()),
    ];
    // A parameter that a call does not know ends it early.
    let pairs = prop_oneof![
        4 => Just(Vec::new()),
        1 => prop::collection::vec((prop::sample::select(NAMES), value), 1..3),
    ];
    (scope, pairs).prop_map(|(scope, pairs)| {
        let pairs = pairs.into_iter().map(|(name, value)| format!("{name}={value}"));
        std::iter::once(scope).chain(pairs).collect::<Vec<_>>().join("&")
    })
}

fn body(path: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    prop_oneof![
        8 => mutated(path).prop_map(|json| json.to_string().into_bytes()),
        2 => json().prop_map(|json| json.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..64),
        1 => Just(Vec::new()),
    ]
}

/// Requests to the calls that `docs/control-api.md` lists, except for the stream of events, which does not end.
pub fn control_request() -> impl Strategy<Value = ControlRequest> {
    let routes: Vec<ControlRoute> = control_routes().into_iter().filter(|route| route.path != "/events").collect();
    let parameter = prop_oneof![
        2 => (0_u64..40).prop_map(|id| id.to_string()),
        1 => Just("@device".to_owned()),
        1 => "[A-Za-z0-9%._~-]{0,10}",
    ];
    let method = prop_oneof![
        20 => Just(None),
        1 => prop::sample::select(&["GET", "POST", "PUT", "PATCH", "DELETE"][..]).prop_map(Some),
    ];
    let content_type = prop_oneof![20 => Just("application/json"), 1 => Just("text/plain")];
    let route = prop::sample::select(routes).prop_flat_map(|route| {
        let body = body(&route.path);
        (Just(route), body)
    });
    (route, method, parameter, query(), content_type).prop_map(
        |((route, body), method, parameter, query, content_type)| {
            let path = match (route.path.find('{'), route.path.find('}')) {
                (Some(start), Some(end)) => [&route.path[..start], parameter.as_str(), &route.path[end + 1..]].concat(),
                _ => route.path,
            };
            let method = method.map_or(route.method, str::to_owned);
            ControlRequest { method, path: format!("/__mock{path}"), query, content_type, body }
        },
    )
}

impl ControlRequest {
    /// The bytes on the wire; `device_token` takes the place of its placeholder.
    #[must_use]
    pub fn bytes(&self, device_token: &str) -> Vec<u8> {
        let body = String::from_utf8(self.body.clone())
            .map_or_else(|error| error.into_bytes(), |text| text.replace("@device", device_token).into_bytes());
        let head = format!(
            "{} {}?{} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
            self.method,
            self.path,
            self.query,
            self.content_type,
            body.len(),
        );
        [head.replace("@device", device_token).into_bytes(), body].concat()
    }
}
