//! When an access token is renewed, and how many refreshes that takes.

use std::rc::Rc;

use serde_json::json;
use telematics_user_client::engine::ports::ChangeKind;
use telematics_user_client::error::ErrorCode;

use crate::world::paths::{REFRESH, USERS};
use crate::world::{LIFETIME, World, config, success, tokens};

#[test]
fn a_call_needs_a_signed_in_user() {
    let world = World::new();
    let engine = world.engine();
    assert_eq!(world.profile(&engine).error().code, ErrorCode::NotSignedIn);
    assert_eq!(world.refresh(&engine).error().code, ErrorCode::NotSignedIn);
    assert!(world.requests().is_empty());
}

#[test]
fn a_fresh_access_token_is_used_without_a_refresh() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.profile(&engine);
    let request = world.request(USERS);
    assert_eq!((request.method(), request.bearer()), ("GET", Some("jwt-1")));
    request.answer(200, &success(&json!({ "DeviceToken": "device" })));
    assert_eq!(call.done().unwrap().0["Result"]["DeviceToken"], "device");
}

#[test]
fn an_access_token_about_to_expire_is_renewed_first() {
    let world = World::new();
    let engine = world.signed_in();
    world.advance_seconds(LIFETIME - 61);
    let call = world.profile(&engine);
    world.request(USERS);
    call.abort();

    world.advance_seconds(1);
    let call = world.profile(&engine);
    let refresh = world.request(REFRESH);
    assert_eq!(refresh.body(), json!({ "AccessToken": "jwt-1", "RefreshToken": "refresh-1" }));
    refresh.answer(200, &tokens("device", 2));
    assert_eq!(world.request(USERS).bearer(), Some("jwt-2"));
    assert!(call.is_pending());
    assert_eq!(world.kinds(), [ChangeKind::Registered, ChangeKind::Refreshed]);
}

#[test]
fn the_margin_is_never_more_than_a_tenth_of_the_lifetime() {
    let world = World::new();
    let mut config = config();
    config.refresh_margin_seconds = LIFETIME;
    let engine = world.signed_in_with(config);
    world.advance_seconds(LIFETIME / 10 * 9 - 1);
    let call = world.profile(&engine);
    world.request(USERS);
    call.abort();

    world.advance_seconds(1);
    let _call = world.profile(&engine);
    world.request(REFRESH);
}

#[test]
fn with_a_margin_of_zero_only_a_401_renews() {
    let world = World::new();
    let mut config = config();
    config.refresh_margin_seconds = 0;
    let engine = world.signed_in_with(config);
    world.advance_seconds(LIFETIME * 2);
    let _call = world.profile(&engine);
    world.request(USERS).fail(401);
    world.request(REFRESH);
}

#[test]
fn a_wrong_system_clock_changes_nothing() {
    let world = World::new();
    let engine = world.signed_in();
    for wall_ms in [0, 9_990_000_000_000] {
        world.set_wall_ms(wall_ms);
        let call = world.profile(&engine);
        world.request(USERS);
        call.abort();
    }
}

#[test]
fn an_access_token_that_is_still_valid_is_used_while_the_refresh_fails() {
    let world = World::new();
    let engine = world.signed_in();
    world.advance_seconds(LIFETIME - 30);
    let _call = world.profile(&engine);
    world.request(REFRESH).fail(503);
    assert_eq!(world.request(USERS).bearer(), Some("jwt-1"));

    world.advance_seconds(30);
    let call = world.profile(&engine);
    world.request(REFRESH).fail(503);
    assert_eq!(call.error().code, ErrorCode::Service);
}

#[test]
fn a_401_renews_the_token_and_repeats_the_call_once() {
    for (status, body) in [(401, 401), (419, 419), (200, 401)] {
        let world = World::new();
        let engine = world.signed_in();
        let call = world.profile(&engine);
        world.request(USERS).answer(status, &json!({ "Status": body }));
        world.request(REFRESH).answer(200, &tokens("device", 2));
        let second = world.request(USERS);
        assert_eq!(second.bearer(), Some("jwt-2"));
        second.answer(200, &success(&json!({})));
        assert!(call.done().is_ok());
    }
}

#[test]
fn a_second_401_is_unauthorized() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.profile(&engine);
    world.request(USERS).fail(401);
    world.request(REFRESH).answer(200, &tokens("device", 2));
    world.request(USERS).fail(401);
    let error = call.error();
    assert_eq!((error.code, error.status), (ErrorCode::Unauthorized, Some(401)));
    assert!(world.requests().is_empty());
    assert!(engine.session().is_some());
}

#[test]
fn any_number_of_simultaneous_401s_make_one_refresh() {
    let world = World::new();
    let engine = world.signed_in();
    let calls: Vec<_> = (0..10).map(|_| world.profile(&engine)).collect();
    let requests = world.requests();
    assert_eq!(requests.len(), 10);
    for request in requests {
        request.fail(401);
    }
    world.request(REFRESH).answer(200, &tokens("device", 2));
    for request in world.requests() {
        assert_eq!(request.bearer(), Some("jwt-2"));
        request.answer(200, &success(&json!({})));
    }
    assert!(calls.iter().all(|call| call.done().is_ok()));
    assert!(world.requests().is_empty());
}

#[test]
fn a_late_401_reuses_the_new_token() {
    let world = World::new();
    let engine = world.signed_in();
    let (early, late) = (world.profile(&engine), world.profile(&engine));
    let [first, second] = <[_; 2]>::try_from(world.requests()).ok().unwrap();
    first.fail(401);
    world.request(REFRESH).answer(200, &tokens("device", 2));
    world.request(USERS).answer(200, &success(&json!({})));
    early.done().unwrap();

    second.fail(401);
    assert_eq!(world.request(USERS).bearer(), Some("jwt-2"));
    assert!(late.is_pending());
}

#[test]
fn a_call_of_one_user_is_never_repeated_as_another() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.profile(&engine);
    let request = world.request(USERS);
    world.register(&engine, &tokens("other", 2));
    request.fail(401);
    assert_eq!(call.error().code, ErrorCode::Aborted);
    assert!(world.requests().is_empty());
}

#[test]
fn an_explicit_refresh_is_shared_with_the_calls_that_need_one() {
    let world = World::new();
    let engine = world.signed_in();
    world.advance_seconds(LIFETIME);
    let refreshes = [world.refresh(&engine), world.refresh(&engine)];
    let _call = world.profile(&engine);
    world.request(REFRESH).answer(200, &tokens("device", 2));
    assert_eq!(world.request(USERS).bearer(), Some("jwt-2"));
    let sessions = refreshes.map(|refresh| refresh.done().unwrap());
    assert!(Rc::ptr_eq(&sessions[0], &sessions[1]));
    assert_eq!(sessions[0].refresh_token.as_ref().unwrap().expose(), "refresh-2");
}

#[test]
fn tokens_that_a_refresh_does_not_return_are_kept() {
    let world = World::new();
    let engine = world.signed_in();
    let refresh = world.refresh(&engine);
    let answer = success(&json!({ "AccessToken": { "Token": "jwt-2", "ExpiresIn": 60 } }));
    world.request(REFRESH).answer(200, &answer);
    let session = refresh.done().unwrap();
    assert_eq!(session.device_token, "device");
    assert_eq!(session.refresh_token.as_ref().unwrap().expose(), "refresh-1");
}

#[test]
fn a_refresh_that_returns_the_same_access_token_repeats_the_call_once() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.profile(&engine);
    world.request(USERS).fail(401);
    world.request(REFRESH).answer(200, &tokens("device", 1));
    world.request(USERS).fail(401);
    assert_eq!(call.error().code, ErrorCode::Unauthorized);
    assert!(world.requests().is_empty());
}
