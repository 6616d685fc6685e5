//! The legacy headers: a DeviceToken instead of a JWT.

use serde_json::json;
use telematics_contract_tests::{Answer, DEMO, Multipart, NOBODY, Request, Service, Tokens, UBI};

const USERS: &str = "/v1/Management/users";
/// 1 November 2021, the end of the old platform.
const DEPRECATED: &str = "@1635724800";

fn legacy(service: &Service, request: Request, user: &Tokens) -> Request {
    request.header("DeviceToken", &user.device_token).with_instance(service)
}

async fn read(service: &Service, user: &Tokens) -> Answer {
    legacy(service, service.get(USERS), user).answer().await
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn every_user_call_accepts_a_device_token_and_answers_with_deprecation() {
    let service = Service::mock().await;
    let user = service.register(&json!({})).await;
    let gif = Multipart::new("file", b"GIF89a".as_slice());
    for request in [
        service.get(USERS),
        service.put(USERS, &json!({ "City": "Paris" })),
        service.request("POST", "/v1/Management/users/images/upload").multipart(&gif),
        service.request("POST", "/v1/Management/users/instances/change/DEMO01"),
    ] {
        let answer = legacy(&service, request, &user).answer().await;
        answer.assert_success();
        assert_eq!(answer.header("deprecation"), DEPRECATED);
        assert!(!answer.headers.contains_key("sunset"), "by default there is no sunset date");
    }
    assert_eq!(read(&service, &user).await.result()["UserProfile"]["City"], "Paris");
}

#[tokio::test]
async fn a_failure_carries_deprecation_too() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await;
    let answer = legacy(&service, service.put(USERS, &json!({ "Gender": "Robot" })), &user).answer().await;
    answer.assert_invalid("Gender");
    assert_eq!(answer.header("deprecation"), DEPRECATED);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn with_a_sunset_date_answers_carry_sunset_and_are_401_from_then_on() {
    let sunset = json!({ "deviceTokenSunset": "2026-01-01T00:01:00Z" });
    let service = Service::mock().frozen().with(sunset).await;
    let user = service.register(&json!({})).await;
    service.advance("PT59.999S").await;
    let answer = read(&service, &user).await;
    answer.assert_success();
    assert_eq!(answer.header("deprecation"), DEPRECATED);
    assert_eq!(answer.header("sunset"), "Thu, 01 Jan 2026 00:01:00 GMT");
    service.advance("PT0.001S").await;
    let answer = read(&service, &user).await;
    answer.assert_failure(401);
    assert!(answer.header("www-authenticate").starts_with("Bearer error="));
    assert!(!answer.headers.contains_key("deprecation"), "the headers no longer work");
    // A JWT still works.
    service.profile(&user.access_token).await.assert_success();
}

#[tokio::test]
async fn an_answer_to_a_jwt_carries_no_deprecation() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await;
    let answer = service.profile(&user.access_token).await;
    answer.assert_success();
    assert!(!answer.headers.contains_key("deprecation"));
}

#[tokio::test]
async fn an_authorization_header_takes_precedence() {
    let service = Service::any().await;
    let (ada, bob) = (service.register(&json!({})).await, service.register(&json!({})).await);
    for bad in ["Bearer nonsense", "Bearer", "Basic YTpi"] {
        legacy(&service, service.get(USERS), &ada).header("Authorization", bad).answer().await.assert_failure(401);
    }
    let answer = legacy(&service, service.get(USERS), &ada).bearer(&bob.access_token).answer().await;
    assert_eq!(answer.result()["DeviceToken"], bob.device_token);
    assert!(!answer.headers.contains_key("deprecation"));
    let request = service.get(USERS).bearer(&ada.access_token).header("DeviceToken", "nonsense");
    request.header("InstanceId", "nonsense").answer().await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn all_three_headers_must_be_present_and_correct() {
    let service = Service::mock().await;
    let user = service.register(&json!({})).await.device_token;
    let user = user.as_str();
    for (device_token, id, key) in [
        (user, "", DEMO.key),
        (user, DEMO.id, ""),
        (user, DEMO.id, UBI.key),
        (user, UBI.id, UBI.key),
        (user, NOBODY, DEMO.key),
        (user, "nonsense", DEMO.key),
        (NOBODY, DEMO.id, DEMO.key),
        ("nonsense", DEMO.id, DEMO.key),
    ] {
        let request = service.get(USERS).header("DeviceToken", device_token);
        let answer = request.header("InstanceId", id).header("InstanceKey", key).answer().await;
        answer.assert_failure(401);
        assert!(answer.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""), "{answer:?}");
    }
    let answer = service.get(USERS).with_instance(&DEMO).answer().await;
    answer.assert_failure(401);
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer",
        "without a DeviceToken there is nothing that could be invalid"
    );
}

#[tokio::test]
async fn a_device_token_cannot_call_as_an_admin() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await;
    let request = legacy(&service, service.get("/v1/Management/users/find?FirstName=Ada"), &user);
    request.answer().await.assert_failure(403);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_403_of_an_admin_call_carries_deprecation_too() {
    let service = Service::mock().await;
    let user = service.register(&json!({})).await;
    let answer = legacy(&service, service.get("/v1/Management/users/find?FirstName=Ada"), &user).answer().await;
    answer.assert_failure(403);
    assert_eq!(answer.header("deprecation"), DEPRECATED);
}
