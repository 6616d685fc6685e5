//! `POST /__mock/instances`: an instance that belongs to one test.

use serde_json::{Value, json};
use telematics_contract_tests::Service;

use crate::api::{OwnInstance, ask};

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn users_can_register_in_a_new_instance() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({ "name": "Mine" })).await;
    let tokens = own.register(&service).await;
    let profile = service.profile(&tokens.access_token).await;
    assert_eq!(profile.result()["AccountInfo"]["InstanceId"], own.id);
    let joined =
        service.post("/v1/Registration/Create", &json!({ "InstanceInviteCode": own.invite_code })).answer().await;
    joined.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_admin_of_an_instance_sees_only_its_users() {
    let service = Service::mock().await;
    let (one, two) = (OwnInstance::create(&service, &json!({})).await, OwnInstance::create(&service, &json!({})).await);
    let user = one.register_with(&service, &json!({ "FirstName": "Ada" })).await.tokens();
    for (own, expected) in [(&one, 1), (&two, 0)] {
        let login = json!({ "LoginFields": { "Email": own.admin["email"] }, "Password": own.admin["password"] });
        let answer = service.post("/v1/Auth/Login", &login).answer().await;
        let token = answer.result()["AccessToken"]["Token"].as_str().unwrap();
        let found = service.get("/v1/Management/users/find?FirstName=ada").bearer(token).answer().await;
        assert_eq!(found.result().as_array().unwrap().len(), expected);
        let delete = service.request("DELETE", &format!("/v1/Management/users/{}", user.device_token)).bearer(token);
        if expected == 0 {
            delete.answer().await.assert_failure(404);
        }
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_new_instance_has_the_given_products_and_settings() {
    let service = Service::mock().await;
    let body = json!({ "products": ["UBI"], "settings": { "registrationTokenSeconds": 7, "rotation": "off" } });
    let own = OwnInstance::create(&service, &body).await;
    own.register_with(&service, &json!({})).await.assert_failure(422);
    let tokens = own.register_with(&service, &json!({ "Email": "ada@example.com" })).await.tokens();
    assert_eq!(tokens.expires_in, 7);
    assert_eq!(service.refresh(&tokens).await.tokens().refresh_token, tokens.refresh_token);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_invalid_field_of_a_new_instance_is_reported() {
    let service = Service::mock().await;
    for (body, field) in [
        (json!({ "products": ["TAXI"] }), "products[0]"),
        (json!({ "settings": { "rotation": "sometimes" } }), "settings.rotation"),
        (json!({ "settings": { "graceSeconds": 5 } }), "settings.graceSeconds"),
        (json!({ "nme": "x" }), "nme"),
    ] {
        let answer = ask(&service, "POST", "/instances", &body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.body["field"], field, "{:?}", answer.body);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_unknown_instance_is_404_and_an_invalid_id_is_400() {
    let service = Service::mock().await;
    let unknown = ask(&service, "GET", "/clock?instance=00000000-0000-4000-8000-000000000000", &Value::Null).await;
    assert_eq!(unknown.status, 404);
    let nonsense = ask(&service, "GET", "/clock?instance=mine", &Value::Null).await;
    assert_eq!((nonsense.status.as_u16(), &nonsense.body["field"]), (400, &json!("instance")));
}
