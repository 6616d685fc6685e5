//! Users who are deactivated, softly deleted and restored.

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, DEMO, Service, Tokens};

/// The answers to a user call, a call with the legacy headers, a refresh and a login.
async fn every_way_in(service: &Service, user: &Tokens) -> [Answer; 4] {
    let legacy = service.get("/v1/Management/users").header("DeviceToken", &user.device_token).with_instance(&DEMO);
    [
        service.profile(&user.access_token).await,
        legacy.answer().await,
        service.refresh(user).await,
        service.login(&user.device_token).await,
    ]
}

async fn found(service: &Service, admin: &str, user: &Tokens) -> Value {
    let query = [("DeviceToken", user.device_token.as_str())];
    let answer = service.get("/v1/Management/users/find").query(&query).bearer(admin).answer().await;
    answer.result()[0].clone()
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_deactivated_user_is_403_on_every_way_in_until_an_admin_reactivates_the_user() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    for (off, on, status) in [
        (json!({ "UserFields": { "Enabled": false } }), json!({ "UserFields": { "Enabled": true } }), "Active"),
        (json!({ "Status": "Deactivated" }), json!({ "Status": "Active" }), "Inactive"),
    ] {
        let user = service.register(&json!({})).await;
        service.manage(&admin, &user.device_token, &off).await.assert_success();
        for answer in every_way_in(&service, &user).await {
            answer.assert_failure(403);
        }
        let record = found(&service, &admin, &user).await;
        assert_eq!(record["Status"], status, "a deactivated user is not a deleted one");
        service.manage(&admin, &user.device_token, &on).await.assert_success();
        for answer in every_way_in(&service, &user).await {
            answer.assert_success();
        }
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_needs_both_the_status_active_and_enabled() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let user = service.register(&json!({ "UserFields": { "Enabled": false } })).await;
    service.profile(&user.access_token).await.assert_failure(403);
    service.manage(&admin, &user.device_token, &json!({ "Status": "Active" })).await.assert_success();
    service.profile(&user.access_token).await.assert_failure(403);
    service.manage(&admin, &user.device_token, &json!({ "UserFields": { "Enabled": true } })).await.assert_success();
    service.profile(&user.access_token).await.assert_success();
}

#[tokio::test]
async fn a_user_can_deactivate_but_not_reactivate_the_own_account() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await;
    service.update(&user.access_token, &json!({ "Status": "Deactivated" })).await.assert_success();
    service.update(&user.access_token, &json!({ "Status": "Active" })).await.assert_failure(403);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_written_status_deactivated_reads_back_as_inactive() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let user = service.register(&json!({})).await;
    for (written, read) in [("Deactivated", "Inactive"), ("deleted", "Deleted"), ("ACTIVE", "Active")] {
        service.manage(&admin, &user.device_token, &json!({ "Status": written })).await.assert_success();
        assert_eq!(found(&service, &admin, &user).await["Status"], read);
    }
    let inactive = service.manage(&admin, &user.device_token, &json!({ "Status": "Inactive" })).await;
    inactive.assert_invalid("Status");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_softly_deleted_user_is_401_on_every_way_in_until_an_admin_restores_the_user() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let user = service.register(&json!({})).await;
    service.manage(&admin, &user.device_token, &json!({ "Status": "Deleted" })).await.assert_success();
    for answer in every_way_in(&service, &user).await {
        answer.assert_failure(401);
    }
    service.manage(&admin, &user.device_token, &json!({ "Status": "Active" })).await.assert_success();
    for answer in every_way_in(&service, &user).await {
        answer.assert_success();
    }
}

#[tokio::test]
async fn the_device_token_of_a_softly_deleted_user_cannot_be_reused() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await;
    service.update(&user.access_token, &json!({ "Status": "Deleted" })).await.assert_success();
    let body = json!({ "CustomToken": user.device_token });
    service.registration(&body).answer().await.assert_invalid("CustomToken");
}

#[tokio::test]
async fn a_wrong_login_of_a_deactivated_user_is_401_and_not_403() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await;
    service.update(&user.access_token, &json!({ "Status": "Deactivated" })).await.assert_success();
    let fields = json!({ "DeviceToken": user.device_token });
    let body = json!({ "LoginFields": fields, "Password": user.device_token });
    let request = service.post("/v1/Auth/Login", &body).header("InstanceId", &service.instance_id);
    request.answer().await.assert_failure(401);
}
