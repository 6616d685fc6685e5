//! Races made to happen on purpose.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use crate::asking::{Own, server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_refreshes_are_held_and_let_go_together_and_exactly_one_wins() {
    let service = Arc::new(server().await);
    let own = Own::create(&service, &json!({ "settings": { "rotation": "reuse" } })).await;
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
    assert_eq!(left, json!([]), "a barrier lets go once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_barrier_lets_go_when_its_time_is_over_or_it_is_removed_or_reset() {
    let service = Arc::new(server().await);
    let own = Own::create(&service, &json!({})).await;
    let tokens = own.register(&service).await;
    let barrier = json!({ "match": {}, "parties": 2, "timeoutMs": 50 });
    own.control(&service, "POST", "/barriers", &barrier).await;
    service.profile(&tokens.access_token).await.assert_success();

    for release in ["barrier", "reset"] {
        let barrier = json!({ "match": { "path": "*users" }, "parties": 2, "timeoutMs": 60_000 });
        let id = own.control(&service, "POST", "/barriers", &barrier).await["id"].clone();
        let held = {
            let (service, token) = (Arc::clone(&service), tokens.access_token.clone());
            tokio::spawn(async move { service.profile(&token).await.status.as_u16() })
        };
        // It is there once the barrier says so.
        while own.control(&service, "GET", "/barriers", &Value::Null).await[0]["waiting"] != 1 {
            tokio::task::yield_now().await;
        }
        let started = Instant::now();
        if release == "reset" {
            own.control(&service, "POST", "/reset", &json!({})).await;
        } else {
            own.control(&service, "DELETE", &format!("/barriers/{id}"), &json!({})).await;
        }
        let status = held.await.unwrap();
        assert!(started.elapsed().as_secs() < 30, "{release}");
        assert!(status == 200 || release == "reset", "{status}");
    }
}
