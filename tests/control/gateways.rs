//! Faults of real gateways: responses that replace or change those of calls that were made, requests that are held, and headers.

use std::sync::Arc;

use serde_json::{Value, json};
use std::time::Duration;
use telematics_contract_tests::{Answer, Service, Tokens, timed, until, wait_ms};

use crate::api::{OwnInstance, ask};

async fn setting() -> (Arc<Service>, OwnInstance, Tokens) {
    let service = Arc::new(Service::mock().await);
    let own = OwnInstance::create(&service, &json!({})).await;
    let tokens = own.register(&service).await;
    (service, own, tokens)
}

/// Adds a fault for refreshes and returns its id.
async fn add(service: &Service, own: &OwnInstance, then: &Value) -> Value {
    let fault = json!({ "match": { "path": "*RefreshToken" }, "times": 1, "then": then });
    own.control(service, "POST", "/faults", &fault).await["id"].clone()
}

async fn has_refreshed(service: &Service, own: &OwnInstance, tokens: &Tokens) -> bool {
    let path = format!("/tokens?deviceToken={}", tokens.device_token);
    own.control(service, "GET", &path, &Value::Null).await["generations"][0]["state"] == "used"
}

async fn held(service: &Service, own: &OwnInstance) -> Value {
    own.control(service, "GET", "/faults", &Value::Null).await[0]["held"].clone()
}

/// Refreshes in the background.
fn refresh(service: &Arc<Service>, tokens: &Tokens) -> tokio::task::JoinHandle<Answer> {
    let (service, tokens) = (Arc::clone(service), tokens.clone());
    tokio::spawn(async move { service.refresh(&tokens).await })
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn with_commit_then_the_call_runs_and_its_response_is_replaced() {
    let (service, own, tokens) = setting().await;
    let then = json!({ "commitThen": { "status": 502, "body": "Bad Gateway", "headers": { "Via": "1.1 gateway" } } });
    add(&service, &own, &then).await;
    let answer = service.refresh(&tokens).await;
    assert_eq!((answer.status.as_u16(), &*answer.bytes), (502, b"Bad Gateway".as_slice()));
    assert_eq!((answer.header("via"), answer.header("content-type")), ("1.1 gateway", "text/plain; charset=utf-8"));
    assert!(has_refreshed(&service, &own, &tokens).await);
    let verification = json!({ "match": { "path": "*RefreshToken", "status": 502 }, "exactly": 1 });
    own.control(&service, "POST", "/requests/verify", &verification).await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn with_patch_the_body_of_the_call_is_changed_and_its_http_status_stays() {
    let (service, own, tokens) = setting().await;
    add(&service, &own, &json!({ "patch": { "Status": 401, "Result": null } })).await;
    let answer = service.refresh(&tokens).await;
    assert_eq!((answer.status.as_u16(), &answer.body["Status"], &answer.body["Title"]), (200, &json!(401), &json!("")));
    assert_eq!(answer.body.get("Result"), Some(&Value::Null), "{:?}", answer.body);
    assert!(answer.header("x-mock-hint").contains("the body decides"));
    assert!(has_refreshed(&service, &own, &tokens).await);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_fault_holds_a_request_before_the_call_until_it_is_released() {
    let (service, own, tokens) = setting().await;
    let id = add(&service, &own, &json!({ "hold": true })).await;
    let request = refresh(&service, &tokens);
    until("the request is held", async || held(&service, &own).await == 1).await;
    assert!(!has_refreshed(&service, &own, &tokens).await, "the call has not run");
    let released = own.control(&service, "POST", &format!("/faults/{id}/release"), &json!({})).await;
    assert_eq!(released, json!({ "released": 1 }));
    request.await.unwrap().assert_success();
    assert_eq!(held(&service, &own).await, 0);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_fault_holds_the_response_after_the_call_and_forgets_a_client_that_goes_away() {
    let (service, own, tokens) = setting().await;
    add(&service, &own, &json!({ "hold": "response" })).await;
    let request = refresh(&service, &tokens);
    until("the response is held", async || held(&service, &own).await == 1).await;
    assert!(has_refreshed(&service, &own, &tokens).await, "the call has run");
    request.abort();
    until("the client is no longer counted", async || held(&service, &own).await == 0).await;
    let body = json!({ "match": { "path": "*RefreshToken" }, "exactly": 1, "within": "10s" });
    own.control(&service, "POST", "/requests/verify", &body).await;
    let journal = own.control(&service, "GET", "/requests?path=*RefreshToken", &Value::Null).await;
    assert_eq!((&journal[0]["status"], &journal[0]["fault"]), (&Value::Null, &json!(1)));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_held_request_goes_on_when_its_fault_is_removed_cleared_or_reset() {
    let (service, own, tokens) = setting().await;
    let mut tokens = tokens;
    for (method, path) in [("DELETE", "/faults/1"), ("DELETE", "/faults"), ("POST", "/reset")] {
        let id = add(&service, &own, &json!({ "hold": "request" })).await;
        let request = refresh(&service, &tokens);
        until("the request is held", async || held(&service, &own).await == 1).await;
        let path = path.replace('1', &id.to_string());
        own.control(&service, method, &path, &json!({})).await;
        let answer = request.await.unwrap();
        if method == "DELETE" {
            tokens = answer.tokens();
        } else {
            answer.assert_failure(401);
        }
    }
    assert_eq!(ask(&service, "POST", &own.path("/faults/77/release"), &json!({})).await.status, 404);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn with_response_delay_the_call_runs_at_once_and_its_response_waits() {
    let (service, own, tokens) = setting().await;
    add(&service, &own, &json!({ "responseDelayMs": wait_ms(600_000, 5_000) })).await;
    let slow = refresh(&service, &tokens);
    until("the call has run", async || has_refreshed(&service, &own, &tokens).await).await;
    assert_eq!(own.count(&service, "*RefreshToken").await, 0, "the request has not ended");
    let (answer, elapsed) = timed(slow).await;
    answer.unwrap().assert_success();
    // A program has begun to wait before this test has.
    assert!(elapsed >= Duration::from_secs(wait_ms(590, 0)), "{elapsed:?}");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_preset_answers_like_a_real_gateway_and_only_a_gateway_timeout_makes_the_call() {
    for (preset, status, content_type, is_made) in [
        ("gateway-timeout", 504, "text/html; charset=utf-8", true),
        ("captive-portal", 200, "text/html; charset=utf-8", false),
        ("waf-html", 403, "text/html; charset=utf-8", false),
        ("empty-200", 200, "", false),
        ("rate-limited", 429, "application/json; charset=utf-8", false),
    ] {
        let (service, own, tokens) = setting().await;
        add(&service, &own, &json!({ "preset": preset, "responseDelayMs": 1 })).await;
        let answer = service.refresh(&tokens).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (status, content_type), "{preset}");
        assert_eq!(answer.bytes.is_empty(), preset == "empty-200", "{preset}");
        assert_eq!(answer.header("retry-after"), if preset == "rate-limited" { "2" } else { "" });
        assert_eq!(has_refreshed(&service, &own, &tokens).await, is_made, "{preset}");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_fault_replaces_and_removes_the_headers_that_every_response_has() {
    let (service, own, tokens) = setting().await;
    let headers = json!({ "Date": "Thu, 01 Jan 1970 00:00:00 GMT", "Access-Control-Allow-Origin": null });
    add(&service, &own, &json!({ "headers": headers })).await;
    let answer = service.refresh(&tokens).await;
    assert_eq!(answer.header("date"), "Thu, 01 Jan 1970 00:00:00 GMT");
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    assert!(answer.headers.contains_key("access-control-expose-headers"));
    let tokens = answer.tokens();
    add(&service, &own, &json!({ "headers": { "date": null, "access-control-allow-origin": "https://a.example" } }))
        .await;
    let answer = service.refresh(&tokens).await;
    assert!(!answer.headers.contains_key("date"));
    assert_eq!(answer.header("access-control-allow-origin"), "https://a.example");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_list_of_faults_shows_their_match_and_effect_without_secrets_and_counts_down() {
    let (service, own, tokens) = setting().await;
    let fault = json!({
        "match": { "path": "*users", "headers": { "authorization": "Bearer canary*", "X-Test": false } },
        "after": 1, "times": 2, "then": { "status": 500, "body": { "access_token": "canary" } },
    });
    own.control(&service, "POST", "/faults", &fault).await;
    let other = json!({ "match": { "path": "*users" }, "after": 1, "times": 1, "then": { "status": 503 } });
    own.control(&service, "POST", "/faults", &other).await;
    service.profile(&tokens.access_token).await.assert_success();
    assert_eq!(service.profile(&tokens.access_token).await.status, 503, "the fault skips one request");
    service.profile(&tokens.access_token).await.assert_success();
    let listed = own.control(&service, "GET", "/faults", &Value::Null).await;
    assert_eq!(
        listed[0],
        json!({
            "id": 1, "instanceId": own.id, "after": 1, "times": 2, "probability": 1.0, "fired": 0, "held": 0,
            "match": { "path": "*users", "headers": { "authorization": "[redacted]", "X-Test": false } },
            "then": { "status": 500, "body": { "access_token": "[redacted]" } },
        })
    );
    assert_eq!((&listed[1]["after"], &listed[1]["times"], &listed[1]["fired"]), (&json!(0), &json!(0), &json!(1)));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_fault_and_a_barrier_select_requests_by_headers_and_by_the_body() {
    let (service, own, _) = setting().await;
    let registration = |body: &Value, version: &str| {
        let request = service.post("/v1/Registration/Create", body).header("InstanceId", &own.id);
        request.header("InstanceKey", &own.key).header("X-App-Version", version)
    };
    let matching = json!({
        "headers": { "x-app-version": "1.*", "x-other": false },
        "body": { "/userFields/clientid": "c-*", "/Email": null },
    });
    let fault = json!({ "match": matching, "then": { "status": 503 } });
    own.control(&service, "POST", "/faults", &fault).await;
    let body = json!({ "UserFields": { "ClientId": "c-1" } });
    assert_eq!(registration(&body, "1.2").answer().await.status, 503);
    registration(&body, "2.0").answer().await.assert_success();
    registration(&json!({ "UserFields": { "ClientId": "d" } }), "1.2").answer().await.assert_success();
    let with_email = json!({ "UserFields": { "ClientId": "c-2" }, "Email": "a@example.com" });
    registration(&with_email, "1.2").answer().await.assert_success();

    own.control(&service, "DELETE", "/faults", &json!({})).await;
    let barrier = json!({ "match": matching, "parties": 1 });
    own.control(&service, "POST", "/barriers", &barrier).await;
    registration(&body, "2.0").answer().await.assert_success();
    let barriers = async || own.control(&service, "GET", "/barriers", &Value::Null).await.as_array().unwrap().len();
    assert_eq!(barriers().await, 1, "the request does not match");
    registration(&json!({ "UserFields": { "ClientId": "c-9" } }), "1.2").answer().await.assert_success();
    assert_eq!(barriers().await, 0, "the request opens the barrier");
}
