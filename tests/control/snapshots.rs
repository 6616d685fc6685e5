//! Snapshot, restore and reset.

use std::sync::Arc;

use serde_json::{Value, json};
use telematics_contract_tests::Service;

use crate::api::{OwnInstance, ask, control};

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_restored_server_behaves_exactly_like_the_original() {
    let original = Service::mock().await;
    let own =
        OwnInstance::create(&original, &json!({ "products": ["UBI"], "settings": { "rotation": "grace" } })).await;
    own.control(&original, "POST", "/clock", &json!({ "set": "2026-01-01T00:00:00Z" })).await;
    own.control(&original, "POST", "/clock", &json!({ "freeze": true })).await;
    let body = json!({ "Email": "ada@example.com", "Password": "p", "Birthday": "1815-12-10" });
    let first = own.register_with(&original, &body).await.tokens();
    let second = original.refresh(&first).await.tokens();
    let state = control(&original, "GET", "/state", &Value::Null).await;

    let restored = Service::mock().seed(99).await;
    control(&restored, "PUT", "/state", &state).await;
    assert_eq!(control(&restored, "GET", "/state", &Value::Null).await, state, "the same state");

    // The same requests get the same answers: the current token, the used token in its grace period, the next user.
    for service in [&original, &restored] {
        service.profile(&second.access_token).await.assert_success();
    }
    let body = json!({ "Email": "bob@example.com", "Password": "p" });
    for asked in [&second, &first] {
        assert_eq!(original.refresh(asked).await.body, restored.refresh(asked).await.body);
    }
    let (one, two) = (own.register_with(&original, &body).await.body, own.register_with(&restored, &body).await.body);
    assert_eq!(one, two);
    let login = json!({ "LoginFields": { "Email": "ADA@example.com" }, "Password": "p" });
    let login = async |service: &Service| {
        service.post("/v1/Auth/Login", &login).header("InstanceId", &own.id).answer().await.body
    };
    assert_eq!(login(&original).await, login(&restored).await);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn every_number_of_a_snapshot_fits_into_a_double() {
    let service = Service::mock().await;
    let tokens = service.register(&json!({})).await;
    let state = control(&service, "GET", "/state", &Value::Null).await;
    let mut open = vec![&state];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            Value::Number(number) => assert!(number.as_f64().unwrap().abs() <= 9_007_199_254_740_992.0, "{number}"),
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }
    control(&service, "PUT", "/state", &state).await;
    service.profile(&tokens.access_token).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn restoring_an_instance_changes_no_other_instance() {
    let service = Service::mock().await;
    let (one, two) = (OwnInstance::create(&service, &json!({})).await, OwnInstance::create(&service, &json!({})).await);
    let before = one.register(&service).await;
    let state = one.control(&service, "GET", "/state", &Value::Null).await;
    let (after, other) = (one.register(&service).await, two.register(&service).await);
    one.control(&service, "PUT", "/state", &state).await;
    service.profile(&before.access_token).await.assert_success();
    service.profile(&after.access_token).await.assert_failure(401);
    service.profile(&other.access_token).await.assert_success();
    assert_eq!(ask(&service, "PUT", &two.path("/state"), &state).await.status, 400, "the snapshot of another instance");
    assert_eq!(
        ask(&service, "PUT", "/state", &state).await.status,
        400,
        "the snapshot of an instance, restored for the server"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_request_during_a_restore_sees_the_old_or_the_new_state() {
    let service = Arc::new(Service::mock().await);
    let tokens = service.register(&json!({ "FirstName": "Ada", "LastName": "Ada" })).await;
    let ada = control(&service, "GET", "/state", &Value::Null).await;
    let rename = json!({ "FirstName": "Bob", "LastName": "Bob" });
    service.update(&tokens.access_token, &rename).await.assert_success();
    let bob = control(&service, "GET", "/state", &Value::Null).await;
    let asking: Vec<_> = (0..4)
        .map(|_| {
            let (service, token) = (Arc::clone(&service), tokens.access_token.clone());
            tokio::spawn(async move {
                for _ in 0..100 {
                    let answer = service.profile(&token).await;
                    let profile = &answer.result()["UserProfile"];
                    assert_eq!(profile["FirstName"], profile["LastName"]);
                }
            })
        })
        .collect();
    for round in 0..40 {
        control(&service, "PUT", "/state", if round % 2 == 0 { &ada } else { &bob }).await;
    }
    for one in asking {
        one.await.unwrap();
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_restore_with_another_seed_invalidates_every_earlier_token() {
    let service = Service::mock().await;
    let tokens = service.register(&json!({})).await;
    let other = Service::mock().seed(5).await;
    let state = control(&other, "GET", "/state", &Value::Null).await;
    control(&service, "PUT", "/state", &state).await;
    service.profile(&tokens.access_token).await.assert_failure(401);
    service.refresh(&tokens).await.assert_failure(401);
    service.register(&json!({})).await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_invalid_snapshot_changes_nothing() {
    let service = Service::mock().await;
    let tokens = service.register(&json!({})).await;
    let state = control(&service, "GET", "/state", &Value::Null).await;
    let mut other_version = state.clone();
    other_version["version"] = json!(state["version"].as_u64().unwrap() + 1);
    let mut twice = state.clone();
    let instance = twice["instances"][0].clone();
    twice["instances"].as_array_mut().unwrap().push(instance);
    for wrong in [json!({}), json!([]), other_version, twice] {
        let answer = ask(&service, "PUT", "/state", &wrong).await;
        assert_eq!(answer.status, 400, "{:?}", answer.body);
        assert!(answer.body["error"].as_str().is_some_and(|error| error.len() > 10));
    }
    service.profile(&tokens.access_token).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_reset_restores_the_initial_state_of_an_instance_or_of_the_server() {
    // With a random seed the state would have another seed.
    let service = Service::mock().seed(1).await;
    let start = control(&service, "GET", "/state", &Value::Null).await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let (mine, demo) = (own.register(&service).await, service.register(&json!({})).await);
    own.control(&service, "POST", "/reset", &json!({})).await;
    service.profile(&mine.access_token).await.assert_failure(401);
    service.profile(&demo.access_token).await.assert_success();
    own.register(&service).await;
    control(&service, "POST", "/clock", &json!({ "advance": "1d" })).await;
    control(&service, "POST", "/reset", &json!({})).await;
    assert_eq!(control(&service, "GET", "/state", &Value::Null).await, start);
    own.register_with(&service, &json!({})).await.assert_failure(401);
}
