//! The token families of a user, as a tree.

use serde_json::{Value, json};
use telematics_contract_tests::Service;

use crate::api::{OwnInstance, ask, control};

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_tree_contains_the_state_and_the_ending_request_of_each_generation() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let first = own.register(&service).await;
    let second = service.refresh(&first).await.tokens();
    service.refresh(&first).await.assert_failure(401);
    service.refresh(&second).await.assert_failure(401);
    let path = format!("/tokens?deviceToken={}", first.device_token);
    let tree = own.control(&service, "GET", &path, &Value::Null).await;
    let generations = tree["generations"].as_array().unwrap();
    let states: Vec<_> = generations.iter().map(|generation| generation["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["used", "revoked"]);
    assert_eq!(generations[0]["parent"], Value::Null);
    assert_eq!(generations[1]["parent"], json!({ "family": 1, "generation": 1 }));

    // The numbers of the requests are those of the journal.
    let journal = own.control(&service, "GET", "/requests?path=*RefreshToken", &Value::Null).await;
    assert_eq!(generations[0]["endedByRequest"], journal[0]["number"], "the refresh that used it");
    assert_eq!(generations[1]["endedByRequest"], journal[1]["number"], "the reuse that revoked it");

    let body = json!({ "LoginFields": { "DeviceToken": first.device_token }, "Password": own.key });
    service.post("/v1/Auth/Login", &body).header("InstanceId", &own.id).answer().await.assert_success();
    let tree = own.control(&service, "GET", &path, &Value::Null).await;
    assert_eq!(tree["generations"][2]["state"], "live");
    assert_eq!(tree["generations"][2]["family"], 2);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_tree_and_expiry_obey_the_scope_and_refuse_an_invalid_token() {
    let service = Service::mock().await;
    let (one, two) = (OwnInstance::create(&service, &json!({})).await, OwnInstance::create(&service, &json!({})).await);
    let user = one.register(&service).await.device_token;
    let path = format!("/tokens?deviceToken={user}");
    assert_eq!(ask(&service, "GET", &two.path(&path), &Value::Null).await.status, 404);
    let body = json!({ "deviceToken": user, "which": "all" });
    assert_eq!(ask(&service, "POST", &two.path("/tokens/expire"), &body).await.status, 404);
    assert_eq!(ask(&service, "POST", &one.path("/tokens/expire"), &body).await.status, 200);
    assert_eq!(ask(&service, "GET", "/tokens", &Value::Null).await.body["field"], "deviceToken");
    assert_eq!(ask(&service, "GET", "/tokens?deviceToken=x", &Value::Null).await.status, 400);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_used_token_in_its_grace_period_never_gives_an_access_token_that_has_expired() {
    let service = Service::mock().frozen().with(json!({ "rotation": "grace", "graceSeconds": 60 })).await;
    let first = service.register(&json!({})).await;
    let second = service.refresh(&first).await.tokens();
    service.expire(&first.device_token, "access").await;
    let again = service.refresh(&first).await.tokens();
    assert_eq!((&again.refresh_token, again.expires_in), (&second.refresh_token, 86_400));
    service.profile(&again.access_token).await.assert_success();
    assert_eq!(service.refresh(&first).await.tokens(), again, "as long as it is valid, the pair stays the same");

    // The lifetime of the access token is shorter than the grace period.
    let service =
        Service::mock().frozen().with(json!({ "rotation": "grace", "graceSeconds": 60, "loginTokenSeconds": 5 })).await;
    let first = service.register(&json!({})).await;
    service.refresh(&first).await.assert_success();
    service.advance("10s").await;
    let again = service.refresh(&first).await.tokens();
    assert_eq!(again.expires_in, 5);
    service.profile(&again.access_token).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_generation_that_the_server_has_forgotten_counts_as_used_with_the_oldest_that_it_remembers() {
    let service = Service::mock().frozen().with(json!({ "rotation": "grace", "graceSeconds": 60 })).await;
    let first = service.register(&json!({})).await;
    let mut last = first.clone();
    for _ in 0..40 {
        last = service.refresh(&last).await.tokens();
    }
    let path = format!("/tokens?deviceToken={}", first.device_token);
    let tree = control(&service, "GET", &path, &Value::Null).await;
    assert_eq!(tree["generations"].as_array().unwrap().len(), 33);
    assert_eq!(service.refresh(&first).await.tokens(), last);
    service.advance("61s").await;
    service.refresh(&first).await.assert_failure(401);
    service.refresh(&last).await.assert_failure(401);
}
