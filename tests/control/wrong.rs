//! Invalid control requests: each answer describes the error, and nothing changes.

use serde_json::{Value, json};
use telematics_contract_tests::{NOBODY, Service};

use crate::api::{ask, everything};

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_invalid_control_request_is_400_names_the_field_and_changes_nothing() {
    let service = Service::mock().frozen().await;
    service.register(&json!({})).await;
    let before = everything(&service).await;
    let then = json!({ "status": 500 });
    for (method, path, body, field) in [
        ("POST", "/clock", json!({ "advance": "soon" }), Some("advance")),
        ("POST", "/clock", json!({ "advance": "-1s" }), Some("advance")),
        ("POST", "/clock", json!({ "advance": "1y" }), Some("advance")),
        ("POST", "/clock", json!({ "advance": "P99999999D" }), Some("advance")),
        ("POST", "/clock", json!({ "advance": 5 }), Some("advance")),
        ("POST", "/clock", json!({ "advnce": "2s" }), Some("advnce")),
        ("POST", "/clock", json!({ "advance": "1s", "set": "2026-01-01T00:00:00Z" }), None),
        ("POST", "/clock", json!({ "advance": "1s", "freeze": true }), None),
        ("POST", "/clock", json!({ "set": "+010000-01-01T00:00:00Z" }), Some("set")),
        ("POST", "/clock", json!({ "set": "1960-01-01T00:00:00Z" }), Some("set")),
        ("POST", "/clock", json!({ "set": "yesterday" }), Some("set")),
        ("POST", "/clock", json!({ "freeze": false }), Some("freeze")),
        ("POST", "/clock", json!({}), None),
        ("POST", "/clock", json!([]), None),
        ("POST", "/tokens/expire", json!({ "deviceToken": "x", "which": "all" }), Some("deviceToken")),
        ("POST", "/tokens/expire", json!({ "deviceToken": NOBODY, "which": "none" }), Some("which")),
        ("POST", "/tokens/expire", json!({ "which": "all" }), Some("deviceToken")),
        ("POST", "/faults", json!({ "match": {}, "then": {} }), Some("then")),
        ("POST", "/faults", json!({ "match": {}, "then": { "statsu": 500 } }), Some("then.statsu")),
        ("POST", "/faults", json!({ "match": {}, "then": { "status": 99 } }), Some("then.status")),
        ("POST", "/faults", json!({ "match": {}, "then": { "delayMs": -1 } }), Some("then.delayMs")),
        ("POST", "/faults", json!({ "match": {}, "then": { "delayMs": 600_001 } }), Some("then.delayMs")),
        ("POST", "/faults", json!({ "match": {}, "then": { "headers": { "a b": "c" } } }), Some("then.headers.a b")),
        (
            "POST",
            "/faults",
            json!({ "match": {}, "then": { "commitThenDrop": true, "status": 500 } }),
            Some("then.commitThenDrop"),
        ),
        ("POST", "/faults", json!({ "match": {}, "times": -1, "then": then }), Some("times")),
        ("POST", "/faults", json!({ "match": {}, "times": 0, "then": then }), Some("times")),
        ("POST", "/faults", json!({ "match": {}, "probability": 1.5, "then": then }), Some("probability")),
        ("POST", "/faults", json!({ "match": { "status": 200 }, "then": then }), Some("match.status")),
        ("POST", "/faults", json!({ "match": { "deviceToken": "x" }, "then": then }), Some("match.deviceToken")),
        ("POST", "/faults", json!({ "match": { "pth": "x" }, "then": then }), Some("match.pth")),
        ("POST", "/faults", json!({ "then": then }), Some("match")),
        ("POST", "/faults", json!({ "match": [], "then": then }), Some("match")),
        ("POST", "/faults", json!({ "match": [null, null, null, null], "then": then }), Some("match")),
        ("POST", "/faults", json!({ "match": null, "then": then }), Some("match")),
        ("POST", "/faults", json!([{}, null, null, null, {}]), None),
        ("POST", "/faults", json!({ "match": {}, "then": [500] }), Some("then")),
        ("POST", "/faults", json!({ "match": { "path": "v1/x" }, "then": then }), Some("match.path")),
        ("POST", "/faults", json!({ "match": { "path": "" }, "then": then }), Some("match.path")),
        ("POST", "/faults", json!({ "match": { "hint": true }, "then": then }), Some("match.hint")),
        (
            "POST",
            "/faults",
            json!({ "match": { "headers": { "a b": true } }, "then": then }),
            Some("match.headers.a b"),
        ),
        ("POST", "/faults", json!({ "match": { "headers": { "a": 1 } }, "then": then }), Some("match.headers.a")),
        ("POST", "/faults", json!({ "match": { "headers": [] }, "then": then }), Some("match.headers")),
        ("POST", "/faults", json!({ "match": { "body": { "Email": 1 } }, "then": then }), Some("match.body.Email")),
        ("POST", "/faults", json!({ "match": {}, "after": -1, "then": then }), Some("after")),
        ("POST", "/faults", json!({ "match": {}, "then": { "hold": "always" } }), Some("then.hold")),
        ("POST", "/faults", json!({ "match": {}, "then": { "hold": 1 } }), Some("then.hold")),
        ("POST", "/faults", json!({ "match": {}, "then": { "patch": [1] } }), Some("then.patch")),
        ("POST", "/faults", json!({ "match": {}, "then": { "preset": "teapot" } }), Some("then.preset")),
        ("POST", "/faults", json!({ "match": {}, "then": { "commitThen": {} } }), Some("then.commitThen")),
        ("POST", "/faults", json!({ "match": {}, "then": { "commitThen": [500] } }), Some("then.commitThen")),
        (
            "POST",
            "/faults",
            json!({ "match": {}, "then": { "responseDelayMs": 600_001 } }),
            Some("then.responseDelayMs"),
        ),
        (
            "POST",
            "/faults",
            json!({ "match": {}, "then": { "headers": { "Content-Length": "1" } } }),
            Some("then.headers.Content-Length"),
        ),
        ("POST", "/faults/x/release", json!({}), Some("id")),
        ("DELETE", "/faults/x", json!({}), Some("id")),
        ("POST", "/barriers", json!({ "match": { "path": "x" }, "parties": 2 }), Some("match.path")),
        ("POST", "/barriers", json!({ "match": [], "parties": 2 }), Some("match")),
        ("POST", "/barriers", json!({ "match": {}, "parties": 0 }), Some("parties")),
        ("POST", "/barriers", json!({ "match": {}, "parties": 2, "timeoutMs": 0 }), Some("timeoutMs")),
        ("POST", "/barriers", json!({ "match": {} }), Some("parties")),
        ("POST", "/requests/verify", json!({ "match": {} }), None),
        ("POST", "/requests/verify", json!({ "match": {}, "exactly": 1, "atMost": 1 }), None),
        ("POST", "/requests/verify", json!({ "match": {}, "exactly": -1 }), Some("exactly")),
        ("POST", "/requests/verify", json!({ "exactly": 1 }), Some("match")),
        ("POST", "/requests/verify", json!({ "match": [], "exactly": 1 }), Some("match")),
        ("POST", "/requests/verify", json!({ "match": { "status": 70_000 }, "exactly": 1 }), Some("match.status")),
        (
            "POST",
            "/requests/verify",
            json!({ "match": { "headers": { "Origin": "http*" } }, "exactly": 1 }),
            Some("match.headers.Origin"),
        ),
        ("POST", "/requests/verify", json!({ "match": {}, "atMost": 1, "within": "1s" }), Some("within")),
        ("POST", "/requests/verify", json!({ "match": {}, "atLeast": 9, "within": "61s" }), Some("within")),
        ("POST", "/requests/verify", json!({ "match": {}, "atLeast": 9, "within": 5 }), Some("within")),
        ("POST", "/requests/verify", json!({ "sequence": [] }), Some("sequence")),
        ("POST", "/requests/verify", json!({ "sequence": [[]] }), Some("sequence[0]")),
        ("POST", "/requests/verify", json!({ "sequence": [{}, { "path": "x" }] }), Some("sequence[1].path")),
        ("POST", "/requests/verify", json!({ "sequence": [{}], "exactly": 1 }), None),
        ("POST", "/requests/verify", json!({ "sequence": [{}], "match": {} }), Some("match")),
        ("GET", "/requests?status=soon", Value::Null, Some("status")),
        ("GET", "/requests?path=v1/x", Value::Null, Some("path")),
        ("GET", "/requests?wait=2min", Value::Null, Some("wait")),
        ("GET", "/requests?first=1&limit=1", Value::Null, Some("first")),
        ("GET", "/requests?match=%7B%7D&path=*", Value::Null, Some("path")),
        ("GET", "/requests?match=%7B", Value::Null, Some("match")),
        ("GET", "/requests?match=[]", Value::Null, Some("match")),
        ("GET", "/requests?match=%7B%22pth%22:1%7D", Value::Null, Some("match.pth")),
        ("GET", "/requests?before=x", Value::Null, Some("before")),
        ("GET", "/requests?since=-1", Value::Null, Some("since")),
        ("PATCH", "/settings", json!({ "rotaton": "off" }), Some("rotaton")),
        ("PUT", "/state", json!({ "version": 1 }), Some("seed")),
        ("POST", "/reset?instanceId=x", json!({}), Some("instanceId")),
        ("POST", "/clock?Instance=x", json!({ "advance": "1s" }), Some("Instance")),
        ("GET", "/requests?devicetoken=x", Value::Null, Some("devicetoken")),
    ] {
        let answer = ask(&service, method, path, &body).await;
        assert_eq!(answer.status, 400, "{method} {path} {body}: {:?}", answer.body);
        let error = answer.body["error"].as_str().unwrap_or_default();
        assert!(error.len() > 5, "{method} {path} {body}: {:?}", answer.body);
        let is_of_rust =
            ["struct", "enum", "u16", "u32", "u64", "usize", "f64", "`"].iter().any(|word| error.contains(word));
        assert!(!is_of_rust, "{method} {path} {body}: {error}");
        assert_eq!(
            answer.body.get("field").and_then(Value::as_str),
            field,
            "{method} {path} {body}: {:?}",
            answer.body
        );
    }
    let no_user = json!({ "deviceToken": NOBODY, "which": "all" });
    for (method, path, body) in [
        ("DELETE", "/faults/77", json!({})),
        ("POST", "/faults/77/release", json!({})),
        ("DELETE", "/barriers/77", json!({})),
        ("POST", "/tokens/expire", no_user),
        ("GET", "/nothing", json!({})),
        ("PATCH", "/clock", json!({})),
    ] {
        assert_eq!(ask(&service, method, path, &body).await.status, 404, "{method} {path}");
    }
    assert_eq!(everything(&service).await, before);
}
