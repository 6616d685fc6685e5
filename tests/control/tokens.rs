//! The token families of a user, as a tree.

use serde_json::{Value, json};
use telematics_contract_tests::Service;

use crate::api::{OwnInstance, ask};

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
