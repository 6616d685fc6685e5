//! Barriers: races that a test brings about on purpose.

use std::sync::Arc;

use serde_json::{Value, json};
use std::time::Duration;
use telematics_contract_tests::{Service, timed, until, wait_ms};

use crate::api::OwnInstance;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn three_refreshes_are_held_and_released_together_and_exactly_one_wins() {
    let service = Arc::new(Service::mock().await);
    let own = OwnInstance::create(&service, &json!({ "settings": { "rotation": "reuse" } })).await;
    let tokens = own.register(&service).await;
    own.control(&service, "POST", "/barriers", &json!({ "match": { "path": "*RefreshToken" }, "parties": 3 })).await;
    let racing: Vec<_> = (0..3)
        .map(|_| {
            let (service, tokens) = (Arc::clone(&service), tokens.clone());
            tokio::spawn(async move { service.refresh(&tokens).await.status.as_u16() })
        })
        .collect();
    let mut statuses = Vec::new();
    for racer in racing {
        statuses.push(racer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401]);
    let left = own.control(&service, "GET", "/barriers", &Value::Null).await;
    assert_eq!(left, json!([]), "a barrier is used once");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_barrier_releases_its_request_after_its_timeout() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let tokens = own.register(&service).await;
    let barrier = json!({ "match": {}, "parties": 2, "timeoutMs": wait_ms(60_000, 500) });
    own.control(&service, "POST", "/barriers", &barrier).await;
    let (answer, elapsed) = timed(service.profile(&tokens.access_token)).await;
    answer.assert_success();
    assert!(elapsed >= Duration::from_millis(wait_ms(60_000, 500)), "{elapsed:?}");
    assert_eq!(own.control(&service, "GET", "/barriers", &Value::Null).await, json!([]), "a barrier is used once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_barrier_releases_its_request_when_it_is_removed_or_reset() {
    let service = Arc::new(Service::mock().await);
    let own = OwnInstance::create(&service, &json!({})).await;
    let tokens = own.register(&service).await;
    // After a reset the user does not exist, so the released request is refused.
    for (release, expected) in [("barrier", 200), ("barriers", 200), ("reset", 401)] {
        let barrier = json!({ "match": { "path": "*users" }, "parties": 2, "timeoutMs": 60_000 });
        let id = own.control(&service, "POST", "/barriers", &barrier).await["id"].clone();
        let held = {
            let (service, token) = (Arc::clone(&service), tokens.access_token.clone());
            tokio::spawn(async move { service.profile(&token).await.status.as_u16() })
        };
        // Real time: the request reaches the barrier through a socket, and only the control API shows that it has arrived.
        until("the barrier holds the request", async || {
            own.control(&service, "GET", "/barriers", &Value::Null).await[0]["waiting"] == 1
        })
        .await;
        match release {
            "barrier" => own.control(&service, "DELETE", &format!("/barriers/{id}"), &json!({})).await,
            "barriers" => own.control(&service, "DELETE", "/barriers", &json!({})).await,
            _ => own.control(&service, "POST", "/reset", &json!({})).await,
        };
        // Real time: the barrier must open much earlier than its timeout of a minute.
        let status = tokio::time::timeout(Duration::from_secs(30), held).await;
        assert_eq!(status.expect("released at once").unwrap(), expected, "{release}");
    }
}
