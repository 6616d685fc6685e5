//! Clients without the secret of the instance.

use telematics_contract::auth::{AccessToken, TokensResponse};
use telematics_user_client::engine::config::Config;
use telematics_user_client::engine::flight::Flight;
use telematics_user_client::engine::ports::{ChangeKind, Reason};
use telematics_user_client::error::{Error, ErrorCode, Failure};

use crate::world::{World, keyless, success, tokens};

const READ: &str = "/v1/Management/users";
const REFRESH: &str = "/v1/Auth/RefreshToken";

fn credentials(number: u32) -> TokensResponse {
    TokensResponse {
        device_token: Some("device".to_owned()),
        access_token: Some(AccessToken { token: format!("jwt-{number}").into(), expires_in: 60 }),
        refresh_token: None,
    }
}

fn rejection(status: Option<u16>) -> Error {
    let code = status.map_or(ErrorCode::Network, ErrorCode::of_status);
    Failure { status, ..Failure::new(code, "no") }.into()
}

#[test]
fn a_dead_refresh_token_asks_the_back_end_and_says_why() {
    let world = World::new();
    let answer = Flight::new();
    world.reauthenticate_with(&answer);
    let engine = world.signed_in_with(keyless());
    let call = world.profile(&engine);
    world.request(READ).fail(401);
    world.request(REFRESH).fail(401);
    assert_eq!(world.asked(), [Reason::Rejected]);
    answer.settle(Ok(credentials(3)));
    assert_eq!(world.request(READ).bearer(), Some("jwt-3"));
    assert!(call.is_under_way());
    assert_eq!(world.kinds(), [ChangeKind::Registered, ChangeKind::Reauthenticated]);
}

#[test]
fn the_back_end_is_asked_in_place_of_a_login_even_where_there_is_a_key() {
    let world = World::new();
    world.reauthenticate_with(&Flight::new());
    let engine = world.signed_in();
    let _call = world.refresh(&engine);
    world.request(REFRESH).fail(401);
    assert!(world.requests().is_empty());
    assert_eq!(world.asked(), [Reason::Rejected]);
}

#[test]
fn a_user_without_tokens_and_one_without_refresh_token_ask_at_once() {
    let device_only = success(&serde_json::json!({ "DeviceToken": "device" }));
    let mut no_refresh = tokens("device", 1);
    no_refresh["Result"].as_object_mut().unwrap().remove("RefreshToken");
    for (answer, reason) in [(device_only, Reason::NoToken), (no_refresh, Reason::Expired)] {
        let world = World::new();
        world.reauthenticate_with(&Flight::new());
        let engine = world.engine();
        world.register(&engine, &answer);
        let _call = world.refresh(&engine);
        assert!(world.requests().is_empty());
        assert_eq!(world.asked(), [reason]);
    }
}

#[test]
fn a_back_end_that_does_not_know_the_user_ends_the_session_and_one_that_is_away_does_not() {
    let cases = [
        (Some(400), ErrorCode::SessionExpired),
        (Some(401), ErrorCode::SessionExpired),
        (Some(404), ErrorCode::SessionExpired),
        (Some(422), ErrorCode::SessionExpired),
        (Some(403), ErrorCode::Forbidden),
        (Some(429), ErrorCode::RateLimited),
        (Some(500), ErrorCode::Service),
        (None, ErrorCode::Network),
    ];
    for (status, code) in cases {
        let world = World::new();
        world.reauthenticate_with(&Flight::settled(Err(rejection(status))));
        let engine = world.signed_in_with(keyless());
        let call = world.refresh(&engine);
        world.request(REFRESH).fail(401);
        assert_eq!(call.error().code, code, "{status:?}");
        assert_eq!(engine.session().is_some(), code != ErrorCode::SessionExpired, "{status:?}");
    }
}

#[test]
fn a_sign_out_does_not_wait_for_the_back_end_and_wins_over_it() {
    let world = World::new();
    let answer = Flight::new();
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
fn the_back_end_is_never_asked_while_other_tabs_wait_for_their_turn() {
    let world = World::new();
    let other = world.another_tab();
    world.reauthenticate_with(&Flight::new());
    let engine = world.signed_in_with(keyless());
    let second = other.restored_with(keyless());
    let _call = world.refresh(&engine);
    world.request(REFRESH).fail(401);
    assert_eq!(world.asked(), [Reason::Rejected]);
    let _call = other.refresh(&second);
    other.request(REFRESH);
}

#[test]
fn the_legacy_header_names_the_user_where_nothing_else_can_and_only_if_asked_for() {
    let world = World::new();
    let engine = world.signed_in_with(Config { device_token_header: true, ..keyless() });
    let call = world.profile(&engine);
    world.request(READ).fail(401);
    world.request(REFRESH).fail(401);
    let legacy = world.request(READ);
    assert_eq!((legacy.bearer(), legacy.header("DeviceToken")), (None, Some("device")));
    legacy.fail(401);
    assert_eq!(call.error().code, ErrorCode::Unauthorized);
    // Nothing can renew a header, so nothing is tried again.
    let _call = world.profile(&engine);
    assert_eq!(world.request(READ).header("DeviceToken"), Some("device"));
}
