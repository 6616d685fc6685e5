//! The answer to a used refresh token in every rotation preset, and to a rejected one.

use serde_json::{Value, json};
use telematics_contract_tests::{Service, Tokens};

const PRESETS: [&str; 7] = ["strict", "grace", "reuse", "off", "hydra-grace", "supabase", "keycloak"];

/// A frozen mock server with a rotation preset; `grace` has a grace period of ten seconds.
async fn with_rotation(preset: &str) -> Service {
    let settings: Value = match preset {
        "grace" => json!({ "rotation": "grace", "graceSeconds": 10 }),
        other => json!({ "rotation": other }),
    };
    Service::mock().frozen().with(settings).await
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn within_the_grace_period_a_used_token_gives_the_current_pair_again() {
    let service = with_rotation("grace").await;
    let first = service.register(&json!({})).await;
    let second = service.refresh(&first).await.tokens();
    service.advance("PT9.999S").await;
    let again = service.refresh(&first).await.tokens();
    assert_eq!((&again.access_token, &again.refresh_token), (&second.access_token, &second.refresh_token));
    service.refresh(&second).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn expires_in_of_a_repeated_pair_is_its_remaining_lifetime() {
    let service = with_rotation("grace").await;
    let first = service.register(&json!({})).await;
    let second = service.refresh(&first).await.tokens();
    service.advance("4s").await;
    assert_eq!((second.expires_in, service.refresh(&first).await.tokens().expires_in), (86_400, 86_396));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn after_the_grace_period_a_used_token_is_401_and_revokes_its_family() {
    let service = with_rotation("grace").await;
    let first = service.register(&json!({})).await;
    let second = service.refresh(&first).await.tokens();
    service.advance("10s").await;
    service.refresh(&first).await.assert_failure(401);
    service.refresh(&second).await.assert_failure(401);
    service.profile(&second.access_token).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_grace_period_of_a_token_starts_at_its_own_use() {
    let service = with_rotation("grace").await;
    let first = service.register(&json!({})).await;
    let second = service.refresh(&first).await.tokens();
    service.advance("6s").await;
    let third = service.refresh(&second).await.tokens();
    service.advance("3s").await;
    // Each used token returns the current pair.
    assert_eq!(service.refresh(&first).await.tokens().refresh_token, third.refresh_token);
    service.advance("1s").await;
    assert_eq!(service.refresh(&second).await.tokens().refresh_token, third.refresh_token);
    service.refresh(&first).await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn under_reuse_a_used_token_is_401_and_revokes_nothing() {
    let service = with_rotation("reuse").await;
    let first = service.register(&json!({})).await;
    let second = service.refresh(&first).await.tokens();
    for _ in 0..3 {
        service.refresh(&first).await.assert_failure(401);
    }
    service.refresh(&second).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn without_rotation_a_refresh_does_not_change_the_token() {
    let service = with_rotation("off").await;
    let first = service.register(&json!({})).await;
    let second = service.refresh(&first).await.tokens();
    let third = service.refresh(&first).await.tokens();
    assert_eq!((&second.refresh_token, &third.refresh_token), (&first.refresh_token, &first.refresh_token));
    assert_ne!(second.access_token, third.access_token);
    service.profile(&third.access_token).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn in_every_preset_a_login_supersedes_the_earlier_family() {
    for preset in PRESETS {
        let service = with_rotation(preset).await;
        let first = service.register(&json!({})).await;
        let second = service.refresh(&first).await.tokens();
        let login = service.login(&first.device_token).await.tokens();
        for old in [&first, &second] {
            service.refresh(old).await.assert_failure(401);
        }
        service.refresh(&login).await.assert_success();
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_login_after_a_revocation_starts_a_new_family() {
    let service = with_rotation("strict").await;
    let first = service.register(&json!({})).await;
    service.refresh(&first).await.assert_success();
    service.refresh(&first).await.assert_failure(401);
    let login = service.login(&first.device_token).await.tokens();
    service.refresh(&login).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_jwts_of_a_revoked_family_work_until_their_exp() {
    let service = with_rotation("strict").await;
    let first = service.register(&json!({})).await;
    let second = service.refresh(&first).await.tokens();
    service.refresh(&first).await.assert_failure(401);
    service.advance("PT86399S").await;
    service.profile(&second.access_token).await.assert_success();
    service.advance("1s").await;
    service.profile(&second.access_token).await.assert_failure(401);
    service.profile(&first.access_token).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_refresh_accepts_every_jwt_of_the_same_user() {
    let service = with_rotation("strict").await;
    let first = service.register(&json!({})).await;
    let second = service.refresh(&first).await.tokens();
    let mixed = Tokens { access_token: first.access_token, ..second };
    service.refresh(&mixed).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_status_for_a_rejected_refresh_token_is_a_setting() {
    for (settings, status) in [
        (json!({}), 401),
        (json!({ "refreshRejectedStatus": 401 }), 401),
        (json!({ "refreshRejectedStatus": 400 }), 400),
    ] {
        let service = Service::mock().frozen().with(settings).await;
        let admin = service.admin().await;
        let fresh = async || service.register(&json!({})).await;
        let dies = async |tokens: &Tokens| service.refresh(tokens).await.assert_failure(status);

        let unknown = Tokens { refresh_token: "nonsense".to_owned(), ..fresh().await };
        dies(&unknown).await;
        let used = fresh().await;
        service.refresh(&used).await.assert_success();
        dies(&used).await;
        let superseded = fresh().await;
        service.login(&superseded.device_token).await.assert_success();
        dies(&superseded).await;
        let gone = fresh().await;
        let path = format!("/v1/Management/users/{}", gone.device_token);
        service.request("DELETE", &path).bearer(&admin).answer().await.assert_success();
        dies(&gone).await;
        let expired = fresh().await;
        service.advance("P90D").await;
        dies(&expired).await;

        let malformed = Tokens { access_token: "nonsense".to_owned(), ..fresh().await };
        service.refresh(&malformed).await.assert_failure(401);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn under_hydra_grace_every_use_within_the_grace_period_gives_a_pair_of_its_own() {
    let service = with_rotation("hydra-grace").await;
    let first = service.register(&json!({})).await;
    let one = service.refresh(&first).await.tokens();
    let two = service.refresh(&first).await.tokens();
    assert_ne!(one.refresh_token, two.refresh_token);
    service.advance("1h").await;
    for pair in [&one, &two] {
        service.refresh(pair).await.assert_success();
    }
    service.refresh(&first).await.assert_failure(401);
    let next = service.get(&format!("/__mock/tokens?deviceToken={}", first.device_token)).answer().await;
    let states: Vec<_> = next.body["generations"].as_array().unwrap().iter().map(|it| it["state"].clone()).collect();
    assert_eq!(states, ["used", "used", "used", "revoked", "revoked"], "a late use revokes what the others have made");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn under_supabase_the_parent_of_the_current_token_gives_the_current_pair_at_any_time() {
    let service = with_rotation("supabase").await;
    let first = service.register(&json!({})).await;
    let second = service.refresh(&first).await.tokens();
    service.advance("1h").await;
    assert_eq!(service.refresh(&first).await.tokens().refresh_token, second.refresh_token);
    let third = service.refresh(&second).await.tokens();
    service.refresh(&first).await.assert_failure(401);
    service.refresh(&third).await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn under_keycloak_a_used_token_stays_usable_and_gives_a_new_pair() {
    let service = with_rotation("keycloak").await;
    let first = service.register(&json!({})).await;
    let second = service.refresh(&first).await.tokens();
    service.advance("1h").await;
    let third = service.refresh(&first).await.tokens();
    assert_ne!(second.refresh_token, third.refresh_token);
    service.refresh(&second).await.assert_success();
    service.refresh(&first).await.assert_success();
}
