//! One test for each of the nine session rules in `docs/session-rules.md`, which also names the tests of their details.

use serde_json::json;
use telematics_user_client::engine::ports::ChangeKind;
use telematics_user_client::error::ErrorCode;

use crate::world::paths::{LOGIN, REFRESH, USERS};
use crate::world::{LIFETIME, World, config, success, tokens};

#[test]
fn rule_1_a_token_about_to_expire_is_refreshed_first_even_if_the_system_clock_is_wrong() {
    let world = World::new();
    let engine = world.signed_in();
    world.set_wall_ms(0);
    let call = world.profile(&engine);
    world.request(USERS);
    call.abort();
    world.advance_seconds(LIFETIME - 60);
    let _call = world.profile(&engine);
    world.request(REFRESH);
}

#[test]
fn rule_2_a_401_refreshes_and_repeats_once_and_a_late_401_reuses_the_new_token() {
    let world = World::new();
    let engine = world.signed_in();
    let (first, late) = (world.profile(&engine), world.profile(&engine));
    let [one, two] = <[_; 2]>::try_from(world.requests()).ok().unwrap();
    one.fail(401);
    world.request(REFRESH).answer(200, &tokens("device", 2));
    world.request(USERS).fail(401);
    assert_eq!(first.error().code, ErrorCode::Unauthorized);
    two.fail(401);
    assert_eq!(world.request(USERS).bearer(), Some("jwt-2"));
    assert!(late.is_pending());
}

#[test]
fn rule_3_simultaneous_401s_in_all_tabs_make_one_refresh() {
    let worlds = [World::new()];
    let worlds = [worlds[0].clone(), worlds[0].another_tab(), worlds[0].another_tab(), worlds[0].another_tab()];
    let first = worlds[0].signed_in();
    let engines: Vec<_> = worlds.iter().skip(1).map(|world| world.restored_with(config())).collect();
    let mut calls = vec![worlds[0].profile(&first)];
    calls.extend(worlds.iter().skip(1).zip(&engines).map(|(world, engine)| world.profile(engine)));
    worlds[0].requests().iter().for_each(|request| request.fail(401));
    worlds[0].request(REFRESH).answer(200, &tokens("device", 2));
    for request in worlds[0].requests() {
        assert_eq!(request.bearer(), Some("jwt-2"));
        request.answer(200, &success(&json!({})));
    }
    assert!(calls.iter().all(|call| call.done().is_ok()));
}

#[test]
fn rule_4_a_dead_refresh_token_leads_to_the_fallback_whose_rejection_ends_the_session_once() {
    let world = World::new();
    let engine = world.signed_in();
    let calls = [world.refresh(&engine), world.refresh(&engine)];
    world.request(REFRESH).fail(403);
    world.request(LOGIN).fail(404);
    assert!(calls.iter().all(|call| call.error().code == ErrorCode::SessionExpired));
    assert_eq!(world.kinds(), [ChangeKind::Registered, ChangeKind::Expired]);
    assert_eq!(world.refresh(&engine).error().code, ErrorCode::NotSignedIn);
}

#[test]
fn rule_5_aborting_one_caller_never_cancels_a_refresh_that_others_wait_for() {
    let world = World::new();
    let engine = world.signed_in();
    let (aborted, other) = (world.refresh(&engine), world.refresh(&engine));
    let request = world.request(REFRESH);
    aborted.abort();
    assert!(!request.is_aborted());
    request.answer(200, &tokens("device", 2));
    assert!(other.done().is_ok());
}

#[test]
fn rule_6_after_a_lost_response_the_stored_pair_is_tried_again_and_then_the_fallback() {
    let world = World::new();
    let engine = world.signed_in();
    let lost = world.refresh(&engine);
    world.request(REFRESH).lose();
    assert_eq!(lost.error().code, ErrorCode::Network);
    let call = world.refresh(&engine);
    world.request(REFRESH).fail(401);
    world.request(LOGIN).answer(200, &tokens("device", 3));
    assert!(call.done().is_ok());
}

#[test]
fn rule_7_a_sign_out_wins_over_a_pending_refresh_in_every_tab() {
    let world = World::new();
    let other = world.another_tab();
    let engine = world.signed_in();
    let second = other.restored_with(config());
    let call = other.refresh(&second);
    let request = other.request(REFRESH);
    world.start(engine.sign_out()).done();
    request.answer(200, &tokens("device", 2));
    assert_eq!(call.error().code, ErrorCode::NotSignedIn);
    assert!(world.stored().is_none() && second.session().is_none());
}

#[test]
fn rule_8_no_error_contains_a_secret() {
    let world = World::new();
    let engine = world.signed_in();
    for status in [400, 429, 500] {
        let call = world.profile(&engine);
        world.request(USERS).fail(status);
        let error = format!("{:?}", call.error());
        for secret in ["jwt-", "refresh-", crate::world::INSTANCE_KEY] {
            assert!(!error.contains(secret), "{error}");
        }
    }
}

#[test]
fn rule_9_an_unreadable_stored_value_is_removed_and_a_storage_that_fails_degrades_to_memory() {
    let world = World::new();
    world.store("{");
    let engine = world.restored_with(config());
    assert_eq!((world.warnings(), world.stored()), (1, None));
    world.set_storage_fails(true);
    world.register(&engine, &tokens("device", 1));
    assert_eq!(world.warnings(), 2);
    assert!(engine.session().is_some());
}
