//! Changing a password.

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, Service, Tokens, UBI};

async fn with_password(service: &Service) -> Tokens {
    let body = json!({ "Phone": "+1", "Password": "old" });
    service.post("/v1/Registration/Create", &body).with_instance(&UBI).answer().await.tokens()
}

async fn sign_in(service: &Service, password: &str) -> Answer {
    service.sign_in(Some(&UBI), &json!({ "Phone": "+1" }), password).answer().await
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_changes_the_password_with_the_correct_old_password() {
    let service = Service::mock().await;
    let user = with_password(&service).await;
    let body = json!({ "OldPassword": "old", "NewPassword": "new" });
    let answer = service.update(&user.access_token, &body).await;
    assert_eq!(answer.result(), &Value::Null);
    sign_in(&service, "new").await.assert_success();
    sign_in(&service, "old").await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn without_the_correct_old_password_a_change_is_422_and_nothing_changes() {
    let service = Service::mock().await;
    let user = with_password(&service).await;
    for body in [
        json!({ "City": "Paris", "OldPassword": "wrong", "NewPassword": "new" }),
        json!({ "City": "Paris", "NewPassword": "new" }),
        json!({ "City": "Paris", "OldPassword": "", "NewPassword": "new" }),
    ] {
        service.update(&user.access_token, &body).await.assert_invalid("OldPassword");
    }
    assert_eq!(service.profile(&user.access_token).await.result()["UserProfile"]["City"], Value::Null);
    sign_in(&service, "old").await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_admin_changes_a_password_without_the_old_one() {
    let service = Service::mock().await;
    let (admin, user) = (service.admin().await, with_password(&service).await);
    service.manage(&admin, &user.device_token, &json!({ "NewPassword": "new" })).await.assert_success();
    sign_in(&service, "new").await.assert_success();
    sign_in(&service, "old").await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_old_password_alone_changes_nothing() {
    let service = Service::mock().await;
    let user = with_password(&service).await;
    service.update(&user.access_token, &json!({ "OldPassword": "old" })).await.assert_success();
    sign_in(&service, "old").await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_field_password_is_ignored_in_an_update() {
    let service = Service::mock().await;
    let user = with_password(&service).await;
    service.update(&user.access_token, &json!({ "Password": "new" })).await.assert_success();
    sign_in(&service, "old").await.assert_success();
}
