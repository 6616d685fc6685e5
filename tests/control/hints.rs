//! Hints: a mistake of an integrator is named in a header of the answer, in the journal and in an event.

use serde_json::{Value, json};
use telematics_contract_tests::Service;

use crate::api::OwnInstance;

async fn setting() -> (Service, OwnInstance) {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    (service, own)
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_registration_path_without_create_gets_a_hint_and_the_same_answer() {
    let (service, own) = setting().await;
    let request = service.post("/v1/registration", &json!({})).header("InstanceId", &own.id);
    let answer = request.answer().await;
    answer.assert_failure(404);
    let hint = "POST /v1/registration does not exist; did you mean POST /v1/Registration/Create?";
    assert_eq!(answer.header("x-mock-hint"), hint);
    let journal = own.control(&service, "GET", "/requests", &Value::Null).await;
    assert_eq!(journal[0]["hint"], hint);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_token_undefined_gets_a_hint_where_the_token_is() {
    let (service, _) = setting().await;
    let answer = service.profile("undefined").await;
    answer.assert_failure(401);
    assert!(answer.header("x-mock-hint").contains("Result.AccessToken.Token"));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_client_id_at_the_top_level_gets_a_hint_where_it_belongs() {
    let (service, own) = setting().await;
    let answer = own.register_with(&service, &json!({ "clientId": "c-1" })).await;
    answer.assert_success();
    assert!(answer.header("x-mock-hint").contains("send it in UserFields"));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_login_with_a_live_refresh_token_gets_a_hint_to_refresh() {
    let (service, own) = setting().await;
    let tokens = own.register(&service).await;
    let body = json!({ "LoginFields": { "Devicetoken": tokens.device_token }, "Password": own.key });
    let login = async || service.post("/v1/Auth/Login", &body).header("InstanceId", &own.id).answer().await;
    assert!(login().await.header("x-mock-hint").contains("refresh first"));
    let expire = json!({ "deviceToken": tokens.device_token, "which": "refresh" });
    own.control(&service, "POST", "/tokens/expire", &expire).await;
    assert_eq!(login().await.header("x-mock-hint"), "", "a fallback is not a mistake");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_used_refresh_token_gets_a_hint_to_keep_the_new_one() {
    let (service, own) = setting().await;
    let first = own.register(&service).await;
    let second = service.refresh(&first).await.tokens();
    assert!(service.refresh(&first).await.header("x-mock-hint").contains("in place of the old one"));
    assert!(service.refresh(&second).await.header("x-mock-hint").contains("run one refresh at a time"));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_update_sent_as_post_gets_a_hint_to_use_put() {
    let (service, own) = setting().await;
    let tokens = own.register(&service).await;
    let answer = service.post("/v1/Management/users", &json!({})).bearer(&tokens.access_token).answer().await;
    answer.assert_failure(405);
    assert!(answer.header("x-mock-hint").contains("an update is a PUT"));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_instance_key_from_a_web_page_gets_a_hint_that_it_is_a_secret() {
    let (service, own) = setting().await;
    let create = || {
        let request = service.post("/v1/Registration/Create", &json!({}));
        request.header("InstanceId", &own.id).header("InstanceKey", &own.key)
    };
    let foreign = create().header("Origin", "https://app.example").answer().await;
    assert!(foreign.header("x-mock-hint").contains("secret of the whole instance"));
    assert_eq!(create().header("Origin", "http://localhost:5173").answer().await.header("x-mock-hint"), "");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_body_in_another_form_than_the_reference_gets_a_hint() {
    let (service, own) = setting().await;
    let (admin, user) = (service.admin().await, own.register(&service).await);
    let login = json!({ "LoginFields": { "deviceToken": user.device_token }, "Password": "x" });
    let (page, users) = ("/v1/Management/users/GetFilteredPage", "/v1/Management/users");
    let named = format!("{users}/{}", user.device_token);
    let instance = format!("/v1/Instances/{}", own.id);
    for (method, path, body, part) in [
        ("POST", "/v1/Auth/Login", login, "only Devicetoken"),
        ("POST", page, json!({ "Pagination": { "Page": 1 } }), "no Filters and no Pagination"),
        ("PUT", users, json!({ "UserFields": [{}] }), "without the array"),
        ("PUT", users, json!({ "UserProfile": {} }), "UserProfile is ignored"),
        ("PUT", &named, json!({}), "the header UserDeviceToken"),
        ("PATCH", &instance, json!({ "Name": "x" }), "in the query"),
    ] {
        let request = service.request(method, path).json(&body).bearer(&admin).header("InstanceId", &own.id);
        let answer = request.header("UserDeviceToken", &user.device_token).answer().await;
        assert!(answer.header("x-mock-hint").contains(part), "{path}: {answer:?}");
    }
    let right = json!({ "LoginFields": { "Devicetoken": user.device_token }, "Password": "x" });
    let answer = service.post("/v1/Auth/Login", &right).header("InstanceId", &own.id).answer().await;
    assert_eq!(answer.header("x-mock-hint"), "");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_instance_key_from_a_phone_gets_a_hint_that_it_is_a_secret() {
    let (service, own) = setting().await;
    let create = || {
        let request = service.post("/v1/Registration/Create", &json!({}));
        request.header("InstanceId", &own.id).header("InstanceKey", &own.key)
    };
    for agent in ["okhttp/4.12.0", "App/1 CFNetwork/1490.0.4 Darwin/23.2.0", "Dart/3.2 (dart:io)"] {
        let answer = create().header("User-Agent", agent).answer().await;
        assert!(answer.header("x-mock-hint").contains("installed app"), "{agent}");
    }
    assert_eq!(create().header("User-Agent", "back-end/1.0").answer().await.header("x-mock-hint"), "");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_failure_under_http_200_gets_a_hint() {
    let (service, own) = setting().await;
    let tokens = own.register(&service).await;
    let failure = json!({ "Status": 500, "Title": "Oops", "Errors": [] });
    let fault = json!({ "match": {}, "times": 1, "then": { "status": 200, "body": failure } });
    own.control(&service, "POST", "/faults", &fault).await;
    assert!(service.profile(&tokens.access_token).await.header("x-mock-hint").contains("the body decides"));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_hint_never_contains_a_secret() {
    let (service, own) = setting().await;
    let tokens = own.register(&service).await;
    service.refresh(&tokens).await.assert_success();
    let answer = service.refresh(&tokens).await;
    let hint = answer.header("x-mock-hint");
    assert!(!hint.is_empty() && !hint.contains(&tokens.refresh_token) && !hint.contains(&own.key));
}
