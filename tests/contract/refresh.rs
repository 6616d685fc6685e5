//! Refresh, rotation and the 401 rule.

use std::sync::Arc;

use serde_json::json;
use telematics_contract::paths::Call;
use telematics_contract_tests::{DEMO, NOBODY, Service, Tokens, UBI};

const REFRESH: &str = Call::RefreshToken.endpoint().path;

#[tokio::test]
async fn a_refresh_gives_a_new_jwt_and_a_new_refresh_token() {
    let service = Service::any().await;
    let first = service.register(&json!({})).await;
    let second = service.refresh(&first).await.tokens();
    assert_eq!(second.device_token, first.device_token);
    assert_eq!(second.expires_in, 86_400);
    assert_ne!(second.access_token, first.access_token);
    assert_ne!(second.refresh_token, first.refresh_token);
    service.profile(&second.access_token).await.assert_success();
    service.refresh(&second).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn after_a_401_a_refresh_makes_the_call_work_again() {
    let service = Service::mock().await;
    let tokens = service.register(&json!({})).await;
    let moved = service.advance("P5DT1S").await;
    assert_eq!(moved["expired"], json!({ "accessTokens": 1, "refreshTokens": 0 }));
    let answer = service.profile(&tokens.access_token).await;
    answer.assert_failure(401);
    assert!(answer.header("www-authenticate").starts_with(r#"Bearer error="invalid_token""#));
    let fresh = service.refresh(&tokens).await.tokens();
    service.profile(&fresh.access_token).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn after_the_refresh_token_has_expired_a_login_by_device_token_works() {
    let service = Service::mock().await;
    let tokens = service.register(&json!({})).await;
    service.advance("90d").await;
    service.profile(&tokens.access_token).await.assert_failure(401);
    service.refresh(&tokens).await.assert_failure(401);
    let fresh = service.login(&tokens.device_token).await.tokens();
    service.profile(&fresh.access_token).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_control_api_expires_access_and_refresh_tokens() {
    let service = Service::mock().await;
    let tokens = service.register(&json!({})).await;
    service.expire(&tokens.device_token, "access").await;
    service.profile(&tokens.access_token).await.assert_failure(401);
    let fresh = service.refresh(&tokens).await.tokens();
    service.profile(&fresh.access_token).await.assert_success();
    service.expire(&tokens.device_token, "refresh").await;
    service.profile(&fresh.access_token).await.assert_success();
    service.refresh(&fresh).await.assert_failure(401);
    service.expire(&tokens.device_token, "all").await;
    service.profile(&fresh.access_token).await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_jwt_is_expired_from_the_second_of_its_exp() {
    let service = Service::mock().frozen().await;
    let tokens = service.register(&json!({})).await;
    service.advance("PT431999S").await;
    service.profile(&tokens.access_token).await.assert_success();
    service.advance("1s").await;
    service.profile(&tokens.access_token).await.assert_failure(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn of_a_hundred_simultaneous_refreshes_with_one_token_exactly_one_wins() {
    for rotation in ["strict", "reuse"] {
        let service = Arc::new(Service::mock().with(json!({ "rotation": rotation })).await);
        let tokens = service.register(&json!({})).await;
        let racing: Vec<_> = (0..100)
            .map(|_| {
                let (service, tokens) = (Arc::clone(&service), tokens.clone());
                tokio::spawn(async move { service.refresh(&tokens).await })
            })
            .collect();
        let mut winners = Vec::new();
        for answer in racing {
            let answer = answer.await.unwrap();
            if answer.status == 200 {
                winners.push(answer.tokens());
            } else {
                answer.assert_failure(401);
            }
        }
        let [winner]: [Tokens; 1] = winners.try_into().expect("exactly one winner");
        service.profile(&winner.access_token).await.assert_success();
        // Under `strict` the other requests were reuses and have revoked the family; under `reuse` they revoked nothing.
        let expected = if rotation == "strict" { 401 } else { 200 };
        assert_eq!(service.refresh(&winner).await.status, expected, "{rotation}");
    }
}

#[tokio::test]
async fn a_used_refresh_token_revokes_its_family_but_not_the_issued_jwts() {
    let service = Service::any().await;
    let first = service.register(&json!({})).await;
    let second = service.refresh(&first).await.tokens();
    service.refresh(&first).await.assert_failure(401);
    service.refresh(&second).await.assert_failure(401);
    service.profile(&second.access_token).await.assert_success();
    service.profile(&first.access_token).await.assert_success();
}

#[tokio::test]
async fn a_refresh_token_from_before_a_login_is_401_and_revokes_nothing() {
    let service = Service::any().await;
    let before = service.register(&json!({})).await;
    let after = service.login(&before.device_token).await.tokens();
    service.refresh(&before).await.assert_failure(401);
    service.refresh(&after).await.assert_success();
}

#[tokio::test]
async fn both_tokens_must_belong_to_one_user() {
    let service = Service::any().await;
    let (ada, bob) = (service.register(&json!({})).await, service.register(&json!({})).await);
    let mixed = Tokens { refresh_token: bob.refresh_token.clone(), ..ada.clone() };
    service.refresh(&mixed).await.assert_failure(401);
    service.refresh(&ada).await.assert_success();
    service.refresh(&bob).await.assert_success();
}

#[tokio::test]
async fn a_malformed_or_foreign_jwt_is_401_and_so_is_an_unknown_refresh_token() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    // Well-formed tokens that another service has signed.
    let foreign = Service::mock().await.register(&json!({})).await;
    for access_token in ["nonsense", "", "a.b.c", &foreign.access_token] {
        let asked = Tokens { access_token: access_token.to_owned(), ..tokens.clone() };
        service.refresh(&asked).await.assert_failure(401);
    }
    for refresh_token in ["nonsense", "", &foreign.refresh_token, &tokens.access_token] {
        let asked = Tokens { refresh_token: refresh_token.to_owned(), ..tokens.clone() };
        service.refresh(&asked).await.assert_failure(401);
    }
    service.refresh(&tokens).await.assert_success();
}

#[tokio::test]
async fn a_missing_token_of_a_refresh_is_reported() {
    let service = Service::any().await;
    service.post(REFRESH, &json!({ "RefreshToken": "r" })).answer().await.assert_invalid("AccessToken");
    service.post(REFRESH, &json!({ "AccessToken": "a" })).answer().await.assert_invalid("RefreshToken");
    service
        .post(REFRESH, &json!({ "AccessToken": 1, "RefreshToken": "r" }))
        .answer()
        .await
        .assert_invalid("AccessToken");
}

#[tokio::test]
async fn instance_headers_of_a_refresh_are_optional_but_must_be_correct() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    let body = json!({ "AccessToken": tokens.access_token, "RefreshToken": tokens.refresh_token });
    let wrong = service.post(REFRESH, &body).header("InstanceId", "nonsense").answer().await;
    wrong.assert_failure(401);
    let key = service.post(REFRESH, &body).header("InstanceKey", NOBODY).answer().await;
    key.assert_failure(401);
    let tokens = service.login(&tokens.device_token).await.tokens();
    let body = json!({ "AccessToken": tokens.access_token, "RefreshToken": tokens.refresh_token });
    service.post(REFRESH, &body).with_instance(&service).answer().await.assert_success();
}

#[tokio::test]
async fn a_call_without_a_valid_jwt_is_401_with_a_challenge() {
    let service = Service::any().await;
    let none = service.get("/v1/Management/users").answer().await;
    none.assert_failure(401);
    assert_eq!(none.header("www-authenticate"), "Bearer");
    for header in ["Bearer nonsense", "Bearer ", "Basic YTpi", "nonsense", "Bearer a.b.c"] {
        let answer = service.get("/v1/Management/users").header("Authorization", header).answer().await;
        answer.assert_failure(401);
        let challenge = answer.header("www-authenticate");
        assert!(challenge.starts_with(r#"Bearer error="invalid_token", error_description=""#), "{header}: {challenge}");
    }
    let bytes = service.get("/v1/Management/users").header("Authorization", b"Bearer \xff").answer().await;
    bytes.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_refresh_with_the_headers_of_another_instance_is_401() {
    let service = Service::mock().await;
    let tokens = service.register(&json!({})).await;
    let body = json!({ "AccessToken": tokens.access_token, "RefreshToken": tokens.refresh_token });
    service.post(REFRESH, &body).with_instance(&UBI).answer().await.assert_failure(401);
    service.post(REFRESH, &body).header("InstanceId", UBI.id).answer().await.assert_failure(401);
    service.post(REFRESH, &body).header("InstanceKey", UBI.key).answer().await.assert_failure(401);
    // The refused requests have not used the refresh token.
    service.post(REFRESH, &body).with_instance(&DEMO).answer().await.assert_success();
}
