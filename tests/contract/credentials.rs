//! The three credentials of a user: their content and their lifetimes.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use telematics_contract_tests::{Answer, DEMO, NEW_YEAR_SECONDS, Service};

/// The decoded header (0) or the decoded claims (1) of a JWT.
fn part(jwt: &str, index: usize) -> Value {
    let text = jwt.split('.').nth(index).expect("a JWT has three parts");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("JSON")
}

fn claims(jwt: &str) -> Value {
    part(jwt, 1)
}

fn jwt_of(answer: &Answer) -> String {
    answer.result()["AccessToken"]["Token"].as_str().expect("an access token").to_owned()
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_claims_of_a_jwt_have_the_vendors_names() {
    let service = Service::mock().frozen().await;
    let body = json!({ "UserFields": { "EnableLogging": true, "ClientId": "c-1" } });
    let tokens = service.register(&body).await;
    let claims = claims(&tokens.access_token);
    assert_eq!(claims["sub"], tokens.device_token);
    assert_eq!(claims["DeviceToken"], tokens.device_token);
    assert_eq!(claims["InstanceId"], DEMO.id);
    assert_eq!(claims["SdkEnableTracking"], "True");
    assert_eq!(claims["SdkEnableLogging"], "True");
    assert_eq!(claims["SdkEnableRealTimeLocation"], "False");
    assert_eq!(claims["SdkClientId"], "c-1");
    assert_eq!(claims["iat"], NEW_YEAR_SECONDS);
    assert_eq!(claims["RefreshTokenExpiredDate"], "2026-04-01T00:00:00");
    let record = service.profile(&tokens.access_token).await;
    let account = &record.result()["AccountInfo"];
    assert_eq!((&claims["ApplicationId"], &claims["CompanyId"]), (&account["ApplicationId"], &account["CompanyId"]));
    assert_eq!(claims.as_object().unwrap().len(), 13, "{claims}");
}

#[tokio::test]
async fn every_jwt_has_a_different_jti() {
    let service = Service::any().await;
    let first = service.register(&json!({})).await;
    let second = service.refresh(&first).await.tokens();
    let third = service.login(&first.device_token).await.tokens();
    let jti = |jwt: &str| claims(jwt)["jti"].as_str().expect("a jti").to_owned();
    let (a, b, c) = (jti(&first.access_token), jti(&second.access_token), jti(&third.access_token));
    assert!(a != b && b != c && a != c, "{a} {b} {c}");
}

#[tokio::test]
async fn a_jwt_is_signed_with_hs256_and_carries_neither_instance_key_nor_refresh_token() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    assert_eq!(part(&tokens.access_token, 0)["alg"], "HS256");
    let text = claims(&tokens.access_token).to_string();
    assert!(!text.contains(&service.instance_key) && !text.contains(&tokens.refresh_token), "{text}");
    assert!(!text.contains("InstanceKey") && !text.contains("\"RefreshToken\""), "{text}");
}

#[tokio::test]
async fn a_jwt_whose_claims_or_signature_were_changed_is_401() {
    let service = Service::any().await;
    let (ada, bob) = (service.register(&json!({})).await, service.register(&json!({})).await);
    let parts = |jwt: &str| jwt.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (a, b) = (parts(&ada.access_token), parts(&bob.access_token));
    let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let mut later = claims(&ada.access_token);
    later["exp"] = json!(9_999_999_999_i64);
    let later = BASE64_URL_SAFE_NO_PAD.encode(later.to_string());
    for forged in [
        format!("{}.{}.{}", a[0], a[1], b[2]),
        format!("{}.{}.{}", a[0], b[1], a[2]),
        format!("{}.{later}.{}", a[0], a[2]),
        format!("{none}.{}.", a[1]),
        format!("{}.{}", a[0], a[1]),
        format!("{} ", &ada.access_token[1..]),
    ] {
        service.profile(&forged).await.assert_failure(401);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn expires_in_is_the_lifetime_from_iat_to_exp() {
    let service = Service::mock().frozen().await;
    let registered = service.registration(&json!({})).answer().await;
    let refreshed = service.refresh(&registered.tokens()).await;
    let logged_in = service.login(&registered.tokens().device_token).await;
    for (answer, lifetime) in [(registered, 432_000), (refreshed, 86_400), (logged_in, 86_400)] {
        assert_eq!(answer.result()["AccessToken"]["ExpiresIn"], lifetime);
        let claims = claims(&jwt_of(&answer));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), lifetime);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn expires_in_follows_the_settings() {
    let settings = json!({ "registrationTokenSeconds": 7, "loginTokenSeconds": 5 });
    let service = Service::mock().frozen().with(settings).await;
    let tokens = service.register(&json!({})).await;
    assert_eq!(tokens.expires_in, 7);
    assert_eq!(service.refresh(&tokens).await.tokens().expires_in, 5);
    assert_eq!(service.login(&tokens.device_token).await.tokens().expires_in, 5);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn exp_is_rounded_up_to_a_whole_second() {
    let service = Service::mock().frozen().await;
    service.advance("PT0.25S").await;
    let tokens = service.register(&json!({})).await;
    assert_eq!(claims(&tokens.access_token)["exp"], NEW_YEAR_SECONDS + 432_001);
    // The token is valid for its whole lifetime and until the end of the last second.
    service.advance("PT432000.5S").await;
    service.profile(&tokens.access_token).await.assert_success();
    service.advance("PT0.25S").await;
    service.profile(&tokens.access_token).await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_clock_skew_is_a_setting_and_zero_by_default() {
    for (settings, last_second) in [
        (json!({}), "PT431999S"),
        (json!({ "clockSkewSeconds": 0 }), "PT431999S"),
        (json!({ "clockSkewSeconds": 300 }), "PT432299S"),
    ] {
        let service = Service::mock().frozen().with(settings).await;
        let tokens = service.register(&json!({})).await;
        service.advance(last_second).await;
        service.profile(&tokens.access_token).await.assert_success();
        service.advance("1s").await;
        service.profile(&tokens.access_token).await.assert_failure(401);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_refresh_token_lives_ninety_days_from_registration_login_and_refresh() {
    let service = Service::mock().frozen().await;
    let registered = service.register(&json!({})).await;
    service.advance("P89DT23H59M59S").await;
    let refreshed = service.refresh(&registered).await.tokens();
    service.advance("P89DT23H59M59S").await;
    let refreshed = service.refresh(&refreshed).await.tokens();
    service.advance("P90D").await;
    service.refresh(&refreshed).await.assert_failure(401);
    let logged_in = service.login(&registered.device_token).await.tokens();
    service.advance("P89DT23H59M59S").await;
    service.refresh(&logged_in).await.assert_success();
}

#[tokio::test]
async fn a_device_token_never_changes() {
    let service = Service::any().await;
    let first = service.register(&json!({})).await;
    service.update(&first.access_token, &json!({ "Nickname": "ada", "CustomToken": DEMO.id })).await.assert_success();
    let second = service.refresh(&first).await.tokens();
    let third = service.login(&first.device_token).await.tokens();
    assert_eq!((&second.device_token, &third.device_token), (&first.device_token, &first.device_token));
    let record = service.profile(&third.access_token).await;
    assert_eq!(record.result()["DeviceToken"], first.device_token);
}

#[tokio::test]
async fn a_refresh_token_and_a_device_token_do_not_work_as_an_access_token() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    service.profile(&tokens.refresh_token).await.assert_failure(401);
    service.profile(&tokens.device_token).await.assert_failure(401);
}
