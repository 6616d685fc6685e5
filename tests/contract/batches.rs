//! `POST /v1/Registration/CreateMultiple`: registration of many users with the same fields.

use std::collections::HashSet;

use serde_json::{Value, json};
use telematics_contract_tests::{NOBODY, Service, Tokens};

const MANY: &str = "/v1/Registration/CreateMultiple";

#[tokio::test]
async fn every_user_of_a_batch_gets_the_custom_fields() {
    let service = Service::any().await;
    let body = json!({ "Quantity": 3, "CustomFields": { "ClientId": "batch", "EnableTracking": "false" } });
    let answer = service.post(MANY, &body).with_instance(&service).answer().await;
    let users: Vec<Tokens> = answer.result().as_array().unwrap().iter().map(Tokens::from_result).collect();
    assert_eq!(users.len(), 3);
    for user in &users {
        let profile = service.profile(&user.access_token).await;
        assert_eq!(profile.result()["DeviceToken"], user.device_token);
        assert_eq!(profile.result()["UserFields"][0]["ClientId"], "batch");
        assert_eq!(profile.result()["UserFields"][0]["EnableTracking"], false);
    }
}

#[tokio::test]
async fn a_batch_can_be_registered_without_tokens() {
    let service = Service::any().await;
    let body = json!({ "Quantity": "2", "CreateAccessToken": false });
    let answer = service.post(MANY, &body).with_instance(&service).answer().await;
    assert_eq!(answer.result()[1]["AccessToken"], Value::Null);
}

#[tokio::test]
async fn a_quantity_that_is_missing_or_out_of_range_is_422() {
    let service = Service::any().await;
    for body in [
        json!({}),
        json!({ "Quantity": 0 }),
        json!({ "Quantity": 10_001 }),
        json!({ "Quantity": -1 }),
        json!({ "Quantity": 4_294_967_297_u64 }),
        json!({ "Quantity": 1.5 }),
        json!({ "Quantity": null }),
    ] {
        service.post(MANY, &body).with_instance(&service).answer().await.assert_invalid("Quantity");
    }
}

#[tokio::test]
async fn a_user_of_a_batch_has_the_defaults_of_a_single_registration() {
    let service = Service::any().await;
    let one = service.register(&json!({})).await;
    let answer = service.post(MANY, &json!({ "Quantity": 1 })).with_instance(&service).answer().await;
    let [of_many]: [Tokens; 1] = tokens(answer.result()).try_into().expect("one user");
    assert_eq!(of_many.expires_in, one.expires_in);
    let (one, of_many) = (service.profile(&one.access_token).await, service.profile(&of_many.access_token).await);
    assert_eq!(one.result()["UserFields"], of_many.result()["UserFields"]);
    assert_eq!(one.result()["UserProfile"], of_many.result()["UserProfile"]);
}

#[tokio::test]
async fn every_user_of_a_batch_has_different_credentials() {
    let service = Service::any().await;
    let answer = service.post(MANY, &json!({ "Quantity": 20 })).with_instance(&service).answer().await;
    let users = tokens(answer.result());
    let distinct = |of: fn(&Tokens) -> &String| users.iter().map(of).collect::<HashSet<_>>().len();
    assert_eq!(distinct(|user| &user.device_token), 20);
    assert_eq!(distinct(|user| &user.access_token), 20);
    assert_eq!(distinct(|user| &user.refresh_token), 20);
    service.refresh(&users[7]).await.assert_success();
    service.refresh(&users[8]).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_batch_may_have_ten_thousand_users() {
    // A mock server, because no service needs ten thousand users after a test.
    let service = Service::mock().await;
    let body = json!({ "Quantity": 10_000, "GenerateAccessToken": "false" });
    let answer = service.post(MANY, &body).with_instance(&service).answer().await;
    assert_eq!(answer.result().as_array().expect("an array").len(), 10_000);
}

#[tokio::test]
async fn a_batch_requires_the_headers_of_the_instance() {
    let service = Service::any().await;
    let ask = || service.post(MANY, &json!({ "Quantity": 1 }));
    ask().answer().await.assert_invalid("InstanceId");
    ask().header("InstanceId", &service.instance_id).answer().await.assert_invalid("InstanceKey");
    let request = ask().header("InstanceId", &service.instance_id).header("InstanceKey", NOBODY);
    request.answer().await.assert_failure(401);
}

#[tokio::test]
async fn an_invalid_field_of_a_batch_is_reported_by_its_path() {
    let service = Service::any().await;
    let body = json!({ "Quantity": 1, "customFields": { "enabled": "maybe" } });
    service.post(MANY, &body).with_instance(&service).answer().await.assert_invalid("CustomFields.Enabled");
}

fn tokens(result: &Value) -> Vec<Tokens> {
    result.as_array().expect("an array").iter().map(Tokens::from_result).collect()
}
