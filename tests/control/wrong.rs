//! Wrong control requests: each says what is wrong and changes nothing.

use serde_json::{Value, json};

use crate::asking::{ask, control, server};

#[tokio::test]
async fn every_wrong_control_request_is_400_says_what_is_wrong_and_changes_nothing() {
    let service = server().await;
    service.register(&json!({})).await;
    let everything = async || {
        let mut seen = Vec::new();
        for path in ["/state", "/faults", "/barriers", "/settings", "/requests", "/outbox"] {
            seen.push(control(&service, "GET", path, &Value::Null).await);
        }
        seen
    };
    let before = everything().await;
    let user = "00000000-0000-4000-8000-000000000000";
    let then = json!({ "status": 500 });
    for (method, path, body, field) in [
        ("POST", "/clock", json!({ "advance": "soon" }), Some("advance")),
        ("POST", "/clock", json!({ "advance": "-1s" }), Some("advance")),
        ("POST", "/clock", json!({ "advance": "1s", "set": "2026-01-01T00:00:00Z" }), None),
        ("POST", "/clock", json!({ "set": "9999-12-31T23:59:59Z" }), Some("set")),
        ("POST", "/tokens/expire", json!({ "deviceToken": "x", "which": "all" }), Some("deviceToken")),
        ("POST", "/tokens/expire", json!({ "deviceToken": user, "which": "none" }), Some("which")),
        ("POST", "/tokens/expire", json!({ "which": "all" }), None),
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
        ("POST", "/faults", json!({ "then": then }), None),
        ("DELETE", "/faults/x", json!({}), Some("id")),
        ("POST", "/barriers", json!({ "match": {}, "parties": 0 }), Some("parties")),
        ("POST", "/barriers", json!({ "match": {}, "parties": 2, "timeoutMs": 0 }), Some("timeoutMs")),
        ("POST", "/barriers", json!({ "match": {} }), None),
        ("POST", "/requests/verify", json!({ "match": {} }), None),
        ("POST", "/requests/verify", json!({ "match": {}, "exactly": 1, "atMost": 1 }), None),
        ("POST", "/requests/verify", json!({ "match": {}, "exactly": -1 }), Some("exactly")),
        ("GET", "/requests?status=soon", Value::Null, Some("status")),
        ("GET", "/requests?since=-1", Value::Null, Some("since")),
        ("PATCH", "/settings", json!({ "rotaton": "off" }), Some("rotaton")),
        ("PUT", "/state", json!({ "version": 1 }), None),
    ] {
        let answer = ask(&service, method, path, &body).await;
        assert_eq!(answer.status, 400, "{method} {path} {body}: {:?}", answer.body);
        let error = answer.body["error"].as_str().unwrap_or_default();
        assert!(error.len() > 5, "{method} {path} {body}: {:?}", answer.body);
        assert_eq!(
            answer.body.get("field").and_then(Value::as_str),
            field,
            "{method} {path} {body}: {:?}",
            answer.body
        );
    }
    for (method, path) in
        [("DELETE", "/faults/77"), ("DELETE", "/barriers/77"), ("GET", "/nothing"), ("PATCH", "/clock")]
    {
        assert_eq!(ask(&service, method, path, &json!({})).await.status, 404, "{method} {path}");
    }
    for (method, path) in [("POST", "/reset"), ("DELETE", "/clock"), ("DELETE", "/requests"), ("PUT", "/state")] {
        let plain = service.request(method, &format!("/__mock{path}")).text("text/plain", "{}").answer().await;
        assert_eq!(plain.status, 400, "{method} {path} without a JSON content type");
    }
    assert_eq!(everything().await, before);
}
