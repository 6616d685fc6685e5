//! Clients without the secret of the instance, and `reauthenticate`.

use std::rc::Rc;

use telematics_contract::auth::{AccessToken, TokensResponse};
use telematics_user_client::calls::auth::Login;
use telematics_user_client::engine::Engine;
use telematics_user_client::engine::ports::{ChangeKind, Reason};
use telematics_user_client::engine::session::Session;
use telematics_user_client::engine::shared::Shared;
use telematics_user_client::error::{Error, ErrorCode, Failure};
use telematics_user_client::wire::Config;

use crate::world::paths::{LOGIN, REFRESH, USERS};
use crate::world::{Call, LIFETIME, TestEngine, World, config, keyless, success, tokens};

fn credentials(number: u32) -> TokensResponse {
    TokensResponse {
        device_token: Some("device".to_owned()),
        access_token: Some(AccessToken { token: format!("jwt-{number}").into(), expires_in: 60 }),
        refresh_token: None,
    }
}

fn rejection(status: Option<u16>) -> Error {
    let code = status.map_or(ErrorCode::Network, ErrorCode::from_status);
    Failure { status, ..Failure::new(code, "no") }.into()
}

#[test]
fn a_dead_refresh_token_calls_reauthenticate_with_the_reason() {
    let world = World::new();
    let answer = Shared::new();
    world.reauthenticate_with(&answer);
    let engine = world.signed_in_with(keyless());
    let call = world.profile(&engine);
    world.request(USERS).fail(401);
    world.request(REFRESH).fail(401);
    assert_eq!(world.reauthentication_reasons(), [Reason::Rejected]);
    answer.settle(Ok(credentials(3)));
    assert_eq!(world.request(USERS).bearer(), Some("jwt-3"));
    assert!(call.is_pending());
    assert_eq!(world.kinds(), [ChangeKind::Registered, ChangeKind::Reauthenticated]);
}

#[test]
fn reauthenticate_replaces_the_login_even_with_an_instance_key() {
    let world = World::new();
    world.reauthenticate_with(&Shared::new());
    let engine = world.signed_in();
    let _call = world.refresh(&engine);
    world.request(REFRESH).fail(401);
    assert!(world.requests().is_empty());
    assert_eq!(world.reauthentication_reasons(), [Reason::Rejected]);
}

#[test]
fn without_a_refresh_token_reauthenticate_is_called_at_once() {
    let device_only = success(&serde_json::json!({ "DeviceToken": "device" }));
    let mut no_refresh = tokens("device", 1);
    no_refresh["Result"].as_object_mut().unwrap().remove("RefreshToken");
    for (answer, reason) in [(device_only, Reason::NoToken), (no_refresh, Reason::Expired)] {
        let world = World::new();
        world.reauthenticate_with(&Shared::new());
        let engine = world.engine();
        world.register(&engine, &answer);
        let _call = world.refresh(&engine);
        assert!(world.requests().is_empty());
        assert_eq!(world.reauthentication_reasons(), [reason]);
    }
}

#[test]
fn a_rejection_by_reauthenticate_ends_the_session_and_an_outage_does_not() {
    let cases = [
        (Some(400), ErrorCode::SessionExpired),
        (Some(401), ErrorCode::SessionExpired),
        (Some(404), ErrorCode::SessionExpired),
        (Some(419), ErrorCode::SessionExpired),
        (Some(422), ErrorCode::SessionExpired),
        (Some(403), ErrorCode::Forbidden),
        (Some(429), ErrorCode::RateLimited),
        (Some(500), ErrorCode::Service),
        (None, ErrorCode::Network),
    ];
    for (status, code) in cases {
        let world = World::new();
        world.reauthenticate_with(&Shared::settled(Err(rejection(status))));
        let engine = world.signed_in_with(keyless());
        let call = world.refresh(&engine);
        world.request(REFRESH).fail(401);
        assert_eq!(call.error().code, code, "{status:?}");
        assert_eq!(engine.session().is_some(), code != ErrorCode::SessionExpired, "{status:?}");
    }
}

#[test]
fn a_sign_out_does_not_wait_for_reauthenticate_and_wins_over_it() {
    let world = World::new();
    let answer = Shared::new();
    world.reauthenticate_with(&answer);
    let engine = world.signed_in_with(keyless());
    let call = world.refresh(&engine);
    world.request(REFRESH).fail(401);
    world.start(engine.sign_out()).done();
    assert_eq!(call.error().code, ErrorCode::NotSignedIn);
    answer.settle(Ok(credentials(3)));
    world.run();
    assert!(engine.session().is_none() && world.stored().is_none());
}

#[test]
fn a_pending_reauthenticate_does_not_hold_the_turn_of_the_tab() {
    let world = World::new();
    let other = world.another_tab();
    world.reauthenticate_with(&Shared::new());
    let engine = world.signed_in_with(keyless());
    let second = other.restored_with(keyless());
    let _call = world.refresh(&engine);
    world.request(REFRESH).fail(401);
    assert_eq!(world.reauthentication_reasons(), [Reason::Rejected]);
    let _call = other.refresh(&second);
    other.request(REFRESH);
}

#[test]
fn with_device_token_header_a_user_without_tokens_is_named_by_header() {
    let world = World::new();
    let engine = world.signed_in_with(Config { device_token_header: true, ..keyless() });
    let call = world.profile(&engine);
    world.request(USERS).fail(401);
    world.request(REFRESH).fail(401);
    let legacy = world.request(USERS);
    assert_eq!((legacy.bearer(), legacy.header("DeviceToken")), (None, Some("device")));
    legacy.fail(401);
    assert_eq!(call.error().code, ErrorCode::Unauthorized);
    assert_eq!(world.kinds(), [ChangeKind::Registered, ChangeKind::Reauthenticated]);
    // Nothing can renew a header, so the session stays and the call is not repeated.
    world.advance_seconds(LIFETIME);
    let call = world.profile(&engine);
    let legacy = world.request(USERS);
    assert_eq!(legacy.header("DeviceToken"), Some("device"));
    legacy.fail(401);
    assert_eq!(call.error().code, ErrorCode::Unauthorized);
    assert!(world.requests().is_empty() && world.kinds().is_empty());
}

/// Logs an admin in, who has no device token.
fn log_admin_in(world: &World, config: Config) -> TestEngine {
    let engine = Engine::new(config, world.clone());
    let call = {
        let engine = Rc::clone(&engine);
        let login = Login::by_email("admin@example.com".to_owned(), "secret".into());
        world.start(async move { engine.login(&login, None).await })
    };
    let mut answer = tokens("", 1);
    answer["Result"].as_object_mut().unwrap().remove("DeviceToken");
    world.request(LOGIN).answer(200, &answer);
    call.done().unwrap();
    engine
}

#[test]
fn with_device_token_header_an_admin_cannot_be_named_by_header() {
    let world = World::new();
    let engine = log_admin_in(&world, Config { device_token_header: true, ..keyless() });
    let call = world.profile(&engine);
    world.request(USERS).fail(401);
    world.request(REFRESH).fail(401);
    assert_eq!(call.error().code, ErrorCode::SessionExpired);
    assert!(world.requests().is_empty());
}

#[test]
fn reauthenticate_gets_the_device_token_of_a_user_and_none_of_an_admin() {
    let world = World::new();
    world.reauthenticate_with(&Shared::new());
    let user = world.signed_in_with(keyless());
    let admin = log_admin_in(&world, keyless());
    for engine in [user, admin] {
        let _call = world.refresh(&engine);
        world.request(REFRESH).fail(401);
    }
    assert_eq!(world.reauthentication_users(), [Some("device".to_owned()), None]);
}

#[test]
fn a_client_that_was_closed_does_not_wait_for_reauthenticate() {
    let world = World::new();
    let answer = Shared::new();
    world.reauthenticate_with(&answer);
    let engine = world.signed_in_with(keyless());
    let _call = world.refresh(&engine);
    world.request(REFRESH).fail(401);
    engine.close();
    world.run();
    answer.settle(Ok(credentials(3)));
    assert_eq!(world.kinds(), [ChangeKind::Registered]);
    assert!(world.stored().unwrap().contains("refresh-1"));
}

#[test]
fn a_client_that_can_sign_its_user_in_names_no_user_by_header() {
    let with_header = |config| Config { device_token_header: true, ..config };
    let no_tokens = success(&serde_json::json!({ "DeviceToken": "device" }));

    let world = World::new();
    let engine = Engine::new(with_header(config()), world.clone());
    world.register(&engine, &no_tokens);
    let _call = world.profile(&engine);
    world.request(LOGIN);

    let world = World::new();
    world.reauthenticate_with(&Shared::new());
    let engine = Engine::new(with_header(keyless()), world.clone());
    world.register(&engine, &no_tokens);
    let _call = world.profile(&engine);
    assert_eq!(world.reauthentication_reasons(), [Reason::NoToken]);
    assert!(world.requests().is_empty());
}

fn sign_in(world: &World, engine: &TestEngine) -> Call<Rc<Session>> {
    let engine = Rc::clone(engine);
    world.start(async move { engine.sign_in_by_app().await })
}

#[test]
fn a_sign_in_asks_the_app_for_a_user_and_signs_that_user_in() {
    let world = World::new();
    world.reauthenticate_with(&Shared::settled(Ok(credentials(3))));
    let engine = world.restored_with(keyless());
    let session = sign_in(&world, &engine).done().unwrap();
    assert_eq!(session.device_token, "device");
    assert_eq!(world.reauthentication_reasons(), [Reason::SignedOut]);
    assert_eq!(world.kinds(), [ChangeKind::SignedIn]);
    assert!(world.stored().unwrap().contains("jwt-3"));
}

#[test]
fn a_sign_in_that_the_app_refuses_signs_nobody_in_and_says_why() {
    let world = World::new();
    world.reauthenticate_with(&Shared::settled(Err(rejection(Some(401)))));
    let engine = world.restored_with(keyless());
    assert_eq!(sign_in(&world, &engine).error().code, ErrorCode::Unauthorized);
    assert!(engine.session().is_none() && world.kinds().is_empty());
}

#[test]
fn a_sign_in_needs_the_function_of_the_app() {
    let world = World::new();
    let error = sign_in(&world, &world.engine()).error();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    assert!(error.message.starts_with("reauthenticate "));
}

#[test]
fn a_sign_out_wins_over_a_sign_in_that_still_waits_for_the_app() {
    let world = World::new();
    let answer = Shared::new();
    world.reauthenticate_with(&answer);
    let engine = world.restored_with(keyless());
    let call = sign_in(&world, &engine);
    assert_eq!(world.reauthentication_reasons(), [Reason::SignedOut]);
    world.start(engine.sign_out()).done();
    answer.settle(Ok(credentials(3)));
    assert_eq!(call.error().code, ErrorCode::Aborted);
    assert!(engine.session().is_none() && world.stored().is_none());
}
