//! Many suites share one server, and none of them disturbs another.

use std::sync::Arc;

use serde_json::{Value, json};
use telematics_contract_tests::Service;

use crate::api::{OwnInstance, control};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn fifty_suites_with_their_own_instances_do_not_disturb_each_other() {
    let service = Arc::new(Service::mock().await);
    let suites: Vec<_> = (1..=50_u32)
        .map(|number| {
            let service = Arc::clone(&service);
            tokio::spawn(async move {
                let own = OwnInstance::create(&service, &json!({})).await;
                for round in 0..3 {
                    own.control(&service, "POST", "/clock", &json!({ "freeze": true })).await;
                    own.control(&service, "POST", "/clock", &json!({ "set": "2026-01-01T00:00:00Z" })).await;
                    let tokens = own.register(&service).await;
                    // An access token from a registration lives for 120 hours: the first 39 suites keep it, the others lose it.
                    let hours = number * 3;
                    own.control(&service, "POST", "/clock", &json!({ "advance": format!("{hours}h") })).await;
                    let expected = if hours >= 120 { 401 } else { 200 };
                    let answer = service.profile(&tokens.access_token).await;
                    assert_eq!(answer.status, expected, "suite {number}");
                    let day = 1 + hours / 24;
                    assert!(answer.header("date").contains(&format!("{day:02} Jan 2026")), "{}", answer.header("date"));

                    let fault = json!({ "match": { "path": "*RefreshToken" }, "times": 2,
                        "then": { "status": 500 + number % 50 } });
                    own.control(&service, "POST", "/faults", &fault).await;
                    for _ in 0..2 {
                        assert_eq!(u32::from(service.refresh(&tokens).await.status.as_u16()), 500 + number % 50);
                    }
                    service.refresh(&tokens).await.assert_success();
                    assert_eq!(own.count(&service, "*RefreshToken").await, 3, "suite {number}, round {round}");

                    own.control(&service, "POST", "/reset", &json!({})).await;
                    assert_eq!(own.count(&service, "*").await, 0);
                    service.profile(&tokens.access_token).await.assert_failure(401);
                }
            })
        })
        .collect();
    for suite in suites {
        suite.await.expect("the suite holds");
    }
    // The clock and the faults of the server are untouched too.
    let clock = control(&service, "GET", "/clock", &Value::Null).await;
    assert_eq!(clock["frozen"], false);
    assert!(control(&service, "GET", "/faults", &Value::Null).await.as_array().unwrap().is_empty());
}
