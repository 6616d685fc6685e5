//! Login by device token.

use serde_json::json;
use telematics_contract_tests::{NOBODY, Service, UBI};

const LOGIN: &str = "/v1/Auth/Login";

#[tokio::test]
async fn a_device_token_and_the_instance_key_log_a_user_in() {
    let service = Service::any().await;
    let registered = service.register(&json!({})).await;
    let tokens = service.login(&registered.device_token).await.tokens();
    assert_eq!(tokens.device_token, registered.device_token);
    assert_eq!(tokens.expires_in, 86_400);
    assert_ne!(tokens.refresh_token, registered.refresh_token, "a login replaces the refresh token");
    service.profile(&tokens.access_token).await.assert_success();
}

#[tokio::test]
async fn login_fields_may_be_an_object_or_json_text_in_any_letter_case() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await.device_token;
    for name in ["DeviceToken", "Devicetoken", "deviceToken"] {
        for fields in [json!({ name: user }), json!(json!({ name: user }).to_string())] {
            let body = json!({ "LoginFields": fields, "Password": service.instance_key });
            let request = service.post(LOGIN, &body).header("InstanceID", &service.instance_id);
            assert_eq!(request.answer().await.tokens().device_token, user, "{fields}");
        }
    }
}

#[tokio::test]
async fn every_failed_login_gets_the_same_answer() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await.device_token;
    let (id, key) = (service.instance_id.as_str(), service.instance_key.as_str());
    let mut answers = Vec::new();
    for (instance, user, password) in [
        (id, NOBODY, key),
        (id, "nonsense", key),
        (id, user.as_str(), NOBODY),
        (id, user.as_str(), "nonsense"),
        (NOBODY, user.as_str(), key),
    ] {
        let body = json!({ "LoginFields": { "DeviceToken": user }, "Password": password });
        let answer = service.post(LOGIN, &body).header("InstanceId", instance).answer().await;
        answer.assert_failure(401);
        answers.push(answer.body);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn a_missing_field_or_header_of_a_login_is_reported() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await.device_token;
    let ask = |body: serde_json::Value| service.post(LOGIN, &body).header("InstanceId", &service.instance_id).answer();
    ask(json!({ "Password": "p" })).await.assert_invalid("LoginFields");
    ask(json!({ "LoginFields": { "DeviceToken": user } })).await.assert_invalid("Password");
    let body = json!({ "LoginFields": { "DeviceToken": user }, "Password": service.instance_key });
    service.post(LOGIN, &body).answer().await.assert_invalid("InstanceId");
}

#[tokio::test]
async fn login_fields_without_a_login_are_422() {
    let service = Service::any().await;
    for fields in
        [json!({}), json!("{}"), json!({ "Email": "" }), json!({ "Shoe": "44" }), json!("nonsense"), json!([])]
    {
        let body = json!({ "LoginFields": fields, "Password": "p" });
        let request = service.post(LOGIN, &body).header("InstanceId", &service.instance_id);
        request.answer().await.assert_invalid("LoginFields");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn email_addresses_and_phone_numbers_may_be_sent_in_the_same_shapes() {
    let service = Service::mock().await;
    let body = json!({ "Email": "ada@example.com", "Phone": "+1", "Password": "p" });
    service.post("/v1/Registration/Create", &body).with_instance(&UBI).answer().await.assert_success();
    for (name, value) in
        [("Email", "ada@example.com"), ("email", "ada@example.com"), ("Phone", "+1"), ("phone", "+1"), ("PHONE", "+1")]
    {
        for fields in [json!({ name: value }), json!(json!({ name: value }).to_string())] {
            service.sign_in(Some(&UBI), &fields, "p").answer().await.assert_success();
        }
    }
}

#[tokio::test]
async fn an_instance_id_of_a_login_that_is_not_a_uuid_is_422() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await.device_token;
    let body = json!({ "LoginFields": { "DeviceToken": user }, "Password": service.instance_key });
    service.post(LOGIN, &body).header("InstanceId", "nonsense").answer().await.assert_invalid("InstanceId");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn with_strict_casing_only_the_vendors_spelling_of_the_device_token_logs_in() {
    let service = Service::mock().with(json!({ "strictCasing": true })).await;
    let user = service.register(&json!({})).await.device_token;
    for (name, status) in [("DeviceToken", 401), ("deviceToken", 401), ("devicetoken", 401), ("Devicetoken", 200)] {
        for fields in [json!({ name: user }), json!(json!({ name: user }).to_string())] {
            let body = json!({ "LoginFields": fields, "Password": service.instance_key });
            let answer = service.post(LOGIN, &body).header("InstanceId", &service.instance_id).answer().await;
            assert_eq!(answer.status, status, "{fields}");
        }
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_login_ends_earlier_access_tokens_only_if_the_settings_say_so() {
    for (revokes, status) in [(false, 200), (true, 401)] {
        let service = Service::mock().with(json!({ "loginRevokesAccessTokens": revokes })).await;
        let (registered, first_admin) = (service.register(&json!({})).await, service.admin().await);
        let signed_in = service.login(&registered.device_token).await.tokens();
        assert_eq!(service.profile(&registered.access_token).await.status, status);
        service.profile(&signed_in.access_token).await.assert_success();
        let second_admin = service.admin().await;
        let read = |token| service.get("/auth/permissions").bearer(token).answer();
        assert_eq!(read(&first_admin).await.status, status);
        assert_eq!(read(&second_admin).await.status, 200);
    }
}
