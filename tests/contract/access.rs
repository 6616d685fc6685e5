//! The 401 rule: the answer of a protected call to a request without a valid JWT.

use serde_json::json;
use telematics_contract::{Access, Call};
use telematics_contract_tests::{Answer, NOBODY, Request, Service, path_with};

/// Every protected call, without credentials.
fn protected(service: &Service) -> Vec<(Call, Request)> {
    let calls = Call::ALL.into_iter();
    let protected = |call: &Call| matches!(call.endpoint().access, Access::User | Access::Admin | Access::UserOrAdmin);
    calls
        .filter(protected)
        .map(|call| {
            let endpoint = call.endpoint();
            let path = path_with(endpoint.path, NOBODY);
            (call, service.request(endpoint.method.as_str(), &path).json(&json!({})))
        })
        .collect()
}

fn assert_challenge(answer: &Answer, description: &str) {
    answer.assert_failure(401);
    let expected = format!(r#"Bearer error="invalid_token", error_description="{description}""#);
    assert_eq!(answer.header("www-authenticate"), expected);
}

#[tokio::test]
async fn every_protected_call_without_a_jwt_is_401_with_a_bearer_challenge() {
    let service = Service::any().await;
    let calls = protected(&service);
    assert_eq!(calls.len(), 21);
    for (call, request) in calls {
        let answer = request.answer().await;
        answer.assert_failure(401);
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{call:?}");
    }
}

#[tokio::test]
async fn every_protected_call_reports_a_malformed_jwt_as_invalid_token() {
    let service = Service::any().await;
    for (_, request) in protected(&service) {
        assert_challenge(
            &request.bearer("nonsense").answer().await,
            "The access token is malformed or not of this service",
        );
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn every_protected_call_reports_an_expired_jwt_as_expired() {
    let service = Service::mock().frozen().await;
    let tokens = service.register(&json!({})).await;
    service.expire(&tokens.device_token, "access").await;
    for (_, request) in protected(&service) {
        assert_challenge(&request.bearer(&tokens.access_token).answer().await, "The access token expired");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_jwt_whose_user_was_deleted_is_401_everywhere() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let tokens = service.register(&json!({})).await;
    let path = format!("/v1/Management/users/{}", tokens.device_token);
    service.request("DELETE", &path).bearer(&admin).answer().await.assert_success();
    for (_, request) in protected(&service) {
        let answer = request.bearer(&tokens.access_token).answer().await;
        assert_challenge(&answer, "The user of the access token no longer exists");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_jwt_that_was_expired_on_request_is_401_and_a_newer_one_is_not() {
    let service = Service::mock().frozen().await;
    let old = service.register(&json!({})).await;
    service.expire(&old.device_token, "access").await;
    let new = service.refresh(&old).await.tokens();
    service.profile(&old.access_token).await.assert_failure(401);
    service.profile(&new.access_token).await.assert_success();
}

#[tokio::test]
async fn authentication_is_checked_before_validation() {
    let service = Service::any().await;
    let request = service.request("PUT", "/v1/Management/users").text("text/plain", "nonsense");
    request.answer().await.assert_failure(401);
}

#[tokio::test]
async fn credentials_are_checked_before_the_size_of_the_body() {
    let service = Service::any().await;
    let large = vec![b' '; (5 << 20) + 1];
    let upload =
        service.request("POST", "/v1/Management/users/images/upload").text("multipart/form-data; boundary=x", large);
    upload.answer().await.assert_failure(401);
    let user = service.register(&json!({})).await;
    let body = format!("{{\"FirstName\":\"{}\"}}", "x".repeat(1 << 20));
    let page = service.request("POST", "/v1/Management/users/GetFilteredPage").text("application/json", body.clone());
    page.bearer(&user.access_token).answer().await.assert_failure(403);
    let update = service.request("PUT", "/v1/Management/users").text("application/json", body);
    update.bearer(&user.access_token).answer().await.assert_failure(413);
}
