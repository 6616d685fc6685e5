//! With one seed and a frozen clock every run has the same answers, byte for byte.

use serde_json::{Value, json};
use telematics_contract_tests::{Service, Tokens};

use crate::api::{OwnInstance, control};

/// A script that uses every source of randomness. Returns its answers with their headers, and the journal.
async fn run() -> Vec<String> {
    let service = Service::mock().frozen().seed(7).await;
    let own = OwnInstance::create(&service, &json!({ "products": ["UBI"] })).await;
    let mut seen = vec![format!("{} {} {} {}", own.id, own.key, own.invite_code, own.admin)];
    let fault = json!({ "match": { "path": "*users" }, "probability": 0.5, "then": { "status": 503 } });
    control(&service, "POST", "/faults", &fault).await;
    for number in 0..5 {
        let body = json!({ "Email": format!("user{number}@example.com") });
        let answer = own.register_with(&service, &body).await;
        seen.push(format!("{:?} {}", answer.headers, answer.body));
        let tokens: Tokens = answer.tokens();
        for _ in 0..4 {
            let answer = service.profile(&tokens.access_token).await;
            seen.push(format!("{:?} {}", answer.headers, answer.body));
        }
        let answer = service.refresh(&tokens).await;
        seen.push(format!("{:?} {}", answer.headers, answer.body));
    }
    seen.push(control(&service, "GET", "/outbox", &Value::Null).await.to_string());
    seen.push(control(&service, "GET", "/requests", &Value::Null).await.to_string());
    // The URLs of pictures contain the port.
    seen.into_iter().map(|text| text.replace(service.url(), "")).collect()
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn two_runs_with_one_seed_have_the_same_answers_and_the_same_journal() {
    let (one, two) = (run().await, run().await);
    assert_eq!(one, two);
    assert!(one.iter().any(|answer| answer.contains("503")), "the fault with a probability has hit a request");
}
