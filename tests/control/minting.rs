//! `POST /__mock/tokens` and `GET /__mock/keys`: access tokens for tests of other back ends.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};
use telematics_contract_tests::Service;

use crate::api::{OwnInstance, ask, control};

/// Mints a token.
async fn mint(service: &Service, own: &OwnInstance, options: &Value) -> String {
    let minted = own.control(service, "POST", "/tokens", options).await;
    minted["accessToken"].as_str().unwrap().to_owned()
}

/// The claims of a token that another back end verifies with the published key.
async fn verified(service: &Service, token: &str) -> Result<Value, ErrorKind> {
    let set = control(service, "GET", "/keys", &Value::Null).await;
    let key = &set["keys"][0];
    assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&json!("oct"), &json!("HS256"), &json!("sig")));
    let secret = BASE64_URL_SAFE_NO_PAD.decode(key["k"].as_str().unwrap()).unwrap();
    let decoded = decode(token, &DecodingKey::from_secret(&secret), &Validation::new(Algorithm::HS256));
    decoded.map(|token| token.claims).map_err(|error| error.kind().clone())
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn another_back_end_verifies_the_tokens_of_the_service_with_the_published_key() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let user = own.register(&service).await;
    let claims = verified(&service, &user.access_token).await.unwrap();
    assert_eq!(claims["DeviceToken"], user.device_token);
    assert_eq!(own.control(&service, "GET", "/keys", &Value::Null).await["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_minted_token_is_accepted_like_the_users_own_and_ends_no_session() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let user = own.register(&service).await;
    let token =
        mint(&service, &own, &json!({ "deviceToken": user.device_token, "claims": { "role": "driver" } })).await;
    let claims = verified(&service, &token).await.unwrap();
    assert_eq!((&claims["sub"], &claims["role"]), (&json!(user.device_token), &json!("driver")));
    for token in [&token, &user.access_token] {
        service.profile(token).await.assert_success();
    }
    service.refresh(&user).await.assert_success();
    service.expire(&user.device_token, "access").await;
    service.profile(&token).await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_token_expires_at_the_chosen_time() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let user = own.register(&service).await;
    let short = mint(&service, &own, &json!({ "deviceToken": user.device_token, "expiresIn": 60 })).await;
    service.profile(&short).await.assert_success();
    let old = mint(&service, &own, &json!({ "deviceToken": user.device_token, "expiresIn": -3600 })).await;
    assert_eq!(verified(&service, &old).await, Err(ErrorKind::ExpiredSignature));
    service.profile(&old).await.assert_failure(401);
    own.control(&service, "POST", "/clock", &json!({ "advance": "2m" })).await;
    service.profile(&short).await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_wrong_signature_and_odd_claims_are_refused() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let user = own.register(&service).await.device_token;
    for signature in ["wrong-key", "tampered"] {
        let token = mint(&service, &own, &json!({ "deviceToken": user, "signature": signature })).await;
        assert_eq!(verified(&service, &token).await, Err(ErrorKind::InvalidSignature), "{signature}");
        service.profile(&token).await.assert_failure(401);
    }
    let unsigned = mint(&service, &own, &json!({ "deviceToken": user, "signature": "none" })).await;
    assert!(unsigned.ends_with('.') && verified(&service, &unsigned).await.is_err());
    service.profile(&unsigned).await.assert_failure(401);
    for odd in [
        json!({ "drop": ["exp"] }),
        json!({ "drop": ["sub"] }),
        json!({ "drop": ["jti"] }),
        json!({ "drop": ["InstanceId"] }),
        json!({ "claims": { "exp": "tomorrow" } }),
        json!({ "claims": { "sub": "00000000-0000-4000-8000-000000000000" } }),
        json!({ "claims": { "sub": null } }),
        json!({ "claims": { "exp": -1 } }),
    ] {
        let mut options = odd.clone();
        options["deviceToken"] = json!(user);
        let token = mint(&service, &own, &options).await;
        service.profile(&token).await.assert_failure(401);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn invalid_options_are_reported_by_their_field() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let user = own.register(&service).await.device_token;
    for (options, field) in [
        (json!({}), "deviceToken"),
        (json!({ "deviceToken": user, "expiresIn": 4_294_967_296_u64 }), "expiresIn"),
        (json!({ "deviceToken": user, "expiresIn": "1m" }), "expiresIn"),
        (json!({ "deviceToken": user, "drop": ["role"] }), "drop[0]"),
        (json!({ "deviceToken": user, "signature": "mine" }), "signature"),
        (json!({ "deviceToken": user, "claims": [] }), "claims"),
    ] {
        let answer = ask(&service, "POST", &own.path("/tokens"), &options).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["field"]),
            (400, &json!(field)),
            "{options}: {:?}",
            answer.body
        );
    }
    let other = OwnInstance::create(&service, &json!({})).await;
    assert_eq!(ask(&service, "POST", &other.path("/tokens"), &json!({ "deviceToken": user })).await.status, 404);
}
