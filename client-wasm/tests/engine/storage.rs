//! What is kept over a reload.

use std::rc::Rc;

use telematics_user_client::engine::ports::ChangeKind;

use crate::world::{LIFETIME, TestEngine, World, tokens};

const READ: &str = "/v1/Management/users";
const REFRESH: &str = "/v1/Auth/RefreshToken";
const HOUR_MS: u64 = 3_600_000;

fn restored(world: &World) -> TestEngine {
    let engine = world.engine();
    let restoring = Rc::clone(&engine);
    world.start(async move { restoring.restore().await }).done();
    engine
}

/// A world in which somebody has signed in and the page was left.
fn left() -> World {
    let world = World::new();
    world.signed_in();
    world.changes();
    world
}

#[test]
fn a_stored_session_is_taken_up_again() {
    let world = left();
    let engine = restored(&world);
    assert_eq!(world.changes(), [(ChangeKind::Restored, Some("device".to_owned()))]);
    let _call = world.profile(&engine);
    assert_eq!(world.request(READ).bearer(), Some("jwt-1"));
}

#[test]
fn a_restored_session_is_judged_by_the_clock_it_was_stored_with() {
    let world = left();
    let expires_at = restored(&world).session().unwrap().expires_at_ms();
    world.advance_seconds(LIFETIME - 61);
    let engine = restored(&world);
    assert_eq!(engine.session().unwrap().expires_at_ms(), expires_at);
    let call = world.profile(&engine);
    world.request(READ);
    call.abort();
    world.advance_seconds(1);
    let _call = world.profile(&engine);
    world.request(REFRESH);
}

#[test]
fn a_restored_session_is_not_judged_by_a_clock_that_makes_no_sense() {
    let stored_at = 1_790_000_000_000;
    for wall_ms in [0, stored_at - HOUR_MS, stored_at + 91 * 24 * HOUR_MS] {
        let world = left();
        world.set_wall_ms(wall_ms);
        let engine = restored(&world);
        let _call = world.profile(&engine);
        world.request(READ).fail(401);
        world.request(REFRESH);
    }
}

#[test]
fn a_refresh_is_stored() {
    let world = World::new();
    let engine = world.signed_in();
    let refresh = world.refresh(&engine);
    world.request(REFRESH).answer(200, &tokens("device", 2));
    refresh.done().unwrap();
    let stored = world.stored().unwrap();
    assert!(stored.contains("jwt-2") && stored.contains("refresh-2") && stored.contains("device"));
}

#[test]
fn nothing_stored_is_no_reason_to_warn() {
    let world = World::new();
    assert!(restored(&world).session().is_none());
    assert_eq!(world.warnings(), 0);
}

#[test]
fn a_stored_value_that_cannot_be_read_is_dropped_with_a_warning() {
    let no_session = r#"{"ObtainedMs":1,"Tokens":{"DeviceToken":""}}"#;
    let bad_token = r#"{"ObtainedMs":1,"Tokens":{"DeviceToken":"d","AccessToken":{"Token":"a b","ExpiresIn":1}}}"#;
    for text in ["", "{", "null", "{}", "[1]", no_session, bad_token] {
        let world = World::new();
        world.store(text);
        assert!(restored(&world).session().is_none(), "{text}");
        assert_eq!(world.warnings(), 1, "{text}");
        assert_eq!(world.stored(), None, "{text}");
    }
}

#[test]
fn a_storage_that_cannot_be_used_degrades_to_memory_with_one_warning() {
    let world = World::new();
    world.set_storage_fails(true);
    let engine = world.signed_in();
    assert_eq!(world.warnings(), 1);
    let refresh = world.refresh(&engine);
    world.request(REFRESH).answer(200, &tokens("device", 2));
    refresh.done().unwrap();
    assert_eq!(world.warnings(), 1);
    assert_eq!(world.kinds(), [ChangeKind::Registered, ChangeKind::Refreshed]);
}

#[test]
fn a_storage_that_cannot_be_read_does_not_break_the_start() {
    let world = left();
    world.set_storage_fails(true);
    assert!(restored(&world).session().is_none());
    assert_eq!(world.warnings(), 1);
}
