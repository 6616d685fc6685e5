//! Verifications and reads of the journal that wait for requests, and verifications of an order.

use std::sync::Arc;

use serde_json::{Value, json};
use std::time::Duration;
use telematics_contract_tests::{Answer, Service, Tokens, Wire, timed, until, wait_ms};

use crate::api::{OwnInstance, ask};

/// The time within which a call that needs not wait any longer returns: much less than the minute that it may wait.
const SOON: Duration = Duration::from_secs(30);

async fn setting() -> (Arc<Service>, Arc<OwnInstance>, Tokens) {
    let service = Arc::new(Service::mock().await);
    let own = Arc::new(OwnInstance::create(&service, &json!({})).await);
    let tokens = own.register(&service).await;
    (service, own, tokens)
}

/// Makes a control call in the background.
fn waiting(
    service: &Arc<Service>,
    own: &Arc<OwnInstance>,
    method: &'static str,
    path: &str,
    body: Value,
) -> tokio::task::JoinHandle<Answer> {
    let (service, path) = (Arc::clone(service), own.path(path));
    tokio::spawn(async move { ask(&service, method, &path, &body).await })
}

async fn verify(service: &Service, own: &OwnInstance, body: Value) -> Answer {
    ask(service, "POST", &own.path("/requests/verify"), &body).await
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_verification_that_waits_returns_as_soon_as_it_holds() {
    let (service, own, tokens) = setting().await;
    for (matching, expected) in [(json!({ "path": "*RefreshToken" }), "atLeast"), (json!({ "status": 401 }), "exactly")]
    {
        let mut body = json!({ "match": matching, "within": "60s" });
        body[expected] = json!(1);
        let verification = waiting(&service, &own, "POST", "/requests/verify", body);
        // The request may come before the verification or after it: it is found in any case.
        service.refresh(&tokens).await;
        let answer = tokio::time::timeout(SOON, verification).await.expect("it does not wait for the minute").unwrap();
        assert_eq!((answer.status.as_u16(), answer.body), (200, json!({ "ok": true, "count": 1 })));
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_verification_that_waits_in_vain_fails_after_its_time_with_the_nearest_misses() {
    let (service, own, _) = setting().await;
    let time = wait_ms(60_000, 500);
    let body = json!({ "match": { "path": "*Create", "status": 500 }, "atLeast": 1, "within": format!("{time}ms") });
    let (answer, elapsed) = timed(verify(&service, &own, body)).await;
    assert!(elapsed >= Duration::from_millis(time), "{elapsed:?}");
    assert_eq!(answer.status, 409);
    assert_eq!(answer.body["nearest"][0]["differences"][0]["criterion"], "status");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_verification_counts_only_later_requests_than_since() {
    let (service, own, tokens) = setting().await;
    service.refresh(&tokens).await.assert_success();
    let journal = own.control(&service, "GET", "/requests", &Value::Null).await;
    let since = &journal[0]["number"];
    let answer = verify(&service, &own, json!({ "match": {}, "exactly": 1, "since": since })).await;
    assert_eq!(answer.body, json!({ "ok": true, "count": 1 }));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_sequence_holds_if_its_matches_are_met_in_their_order_by_different_requests() {
    let (service, own, tokens) = setting().await;
    let next = service.refresh(&tokens).await.tokens();
    service.profile(&next.access_token).await.assert_success();
    let path = |path: &str| json!({ "path": path });
    let good = verify(&service, &own, json!({ "sequence": [path("*Create"), path("*users")] })).await;
    assert_eq!((good.status.as_u16(), good.body), (200, json!({ "ok": true, "requests": [1, 3] })));

    let twice = verify(&service, &own, json!({ "sequence": [path("*Create"), path("*Create")] })).await;
    assert_eq!(twice.status, 409, "one request does not meet two matches");

    let wrong = json!({ "sequence": [path("*RefreshToken"), path("*Create"), path("*users")] });
    let wrong = verify(&service, &own, wrong).await;
    assert_eq!((wrong.status.as_u16(), &wrong.body["unmet"], &wrong.body["requests"]), (409, &json!(1), &json!([2])));
    assert_eq!(wrong.body["error"], "expected sequence[1], but no request after #2 meets it");
    let nearest: Vec<_> =
        wrong.body["nearest"].as_array().unwrap().iter().map(|miss| &miss["request"]["number"]).collect();
    assert_eq!(nearest, [3], "only requests after the last one that is met");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_sequence_is_waited_for() {
    let (service, own, tokens) = setting().await;
    let body = json!({ "sequence": [{ "path": "*RefreshToken" }, { "method": "GET" }], "within": "60s" });
    let verification = waiting(&service, &own, "POST", "/requests/verify", body);
    service.profile(&tokens.access_token).await.assert_success();
    let next = service.refresh(&tokens).await.tokens();
    service.profile(&next.access_token).await.assert_success();
    let answer = tokio::time::timeout(SOON, verification).await.expect("it does not wait for the minute").unwrap();
    assert_eq!((answer.status.as_u16(), &answer.body["requests"]), (200, &json!([3, 4])));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_read_of_the_journal_waits_for_the_next_entry_and_returns_an_empty_list_after_its_time() {
    let (service, own, tokens) = setting().await;
    let read = waiting(&service, &own, "GET", "/requests?since=1&path=*users&wait=60s", Value::Null);
    service.refresh(&tokens).await.assert_success();
    service.profile(&tokens.access_token).await;
    let answer = tokio::time::timeout(SOON, read).await.expect("it does not wait for the minute").unwrap();
    assert_eq!(answer.body.as_array().unwrap().len(), 1, "{:?}", answer.body);
    assert_eq!(answer.body[0]["path"], "/v1/Management/users");

    let path = own.path(&format!("/requests?since=99&wait={}ms", wait_ms(60_000, 500)));
    let (answer, _) = timed(ask(&service, "GET", &path, &Value::Null)).await;
    assert_eq!((answer.status.as_u16(), answer.body), (200, json!([])));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_waiting_call_does_not_hear_the_requests_of_another_instance() {
    let (service, own, _) = setting().await;
    let other = OwnInstance::create(&service, &json!({})).await;
    let read = waiting(&service, &own, "GET", "/requests?since=1&first=1&wait=60s", Value::Null);
    other.register(&service).await;
    own.register(&service).await;
    let answer = tokio::time::timeout(SOON, read).await.expect("it does not wait for the minute").unwrap();
    assert_eq!(answer.body[0]["instanceId"], own.id);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_number_of_waiting_calls_is_bounded_and_a_client_that_goes_away_makes_room() {
    let (service, own, _) = setting().await;
    let path = format!("/__mock{}", own.path("/requests?since=99&wait=60s"));
    let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..256 {
        let (service, head) = (Arc::clone(&service), head.clone());
        calls.spawn(async move {
            let mut wire = Wire::to(&service).await;
            // The call that asks below may have the last place for a moment.
            while wire.ask(head.as_bytes()).await.is_some_and(|answer| answer.status == 429) {}
        });
    }
    let refused = async || ask(&service, "GET", &own.path("/requests?since=99&wait=1ms"), &Value::Null).await;
    until("no further call may wait", async || refused().await.status == 429).await;
    assert!(refused().await.body["error"].as_str().unwrap().contains("256 waiting calls"));
    calls.abort_all();
    until("a further call may wait", async || refused().await.status == 200).await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_path_that_no_request_can_have_does_not_pass_a_verification() {
    let (service, own, _) = setting().await;
    for expectation in [json!({ "atMost": 3 }), json!({ "exactly": 0 }), json!({ "atLeast": 0 })] {
        let status = async |path: &str| {
            let mut body = expectation.clone();
            body["match"] = json!({ "path": path });
            verify(&service, &own, body).await
        };
        let misspelt = status("/v1/Auth/RefrehToken").await;
        assert_eq!((misspelt.status.as_u16(), &misspelt.body["field"]), (400, &json!("match.path")), "{expectation}");
        assert_eq!(status("/v1/Auth/RefreshToken").await.status, 200, "{expectation}");
        assert_eq!(status("/v1/Auth/RefrehToken*").await.status, 200, "{expectation}");
    }
    service.get("/v1/Auth/RefrehToken").answer().await.assert_failure(404);
    let body = json!({ "match": { "path": "/v1/Auth/RefrehToken", "status": 200 }, "exactly": 0 });
    assert_eq!(verify(&service, &own, body).await.status, 400, "the request belongs to another scope");
    let body = json!({ "match": { "path": "/v1/Auth/RefrehToken", "status": 200 }, "exactly": 0 });
    assert_eq!(ask(&service, "POST", "/requests/verify", &body).await.status, 200, "a request has this path");
}
