//! The session in the storage, across reloads of the page.

use telematics_user_client::engine::ports::ChangeKind;

use crate::world::paths::{REFRESH, USERS};
use crate::world::{LIFETIME, TestEngine, World, config, tokens};

const HOUR_MS: u64 = 3_600_000;

fn restored(world: &World) -> TestEngine {
    world.restored_with(config())
}

/// A tab whose page was closed while a user was signed in.
fn closed_page() -> World {
    let world = World::new();
    world.signed_in();
    world.changes();
    world
}

#[test]
fn a_stored_session_is_restored() {
    let world = closed_page();
    let engine = restored(&world);
    assert_eq!(world.changes(), [(ChangeKind::Restored, Some("device".to_owned()))]);
    let _call = world.profile(&engine);
    assert_eq!(world.request(USERS).bearer(), Some("jwt-1"));
}

#[test]
fn the_age_of_a_restored_session_is_judged_by_the_wall_clock() {
    let world = closed_page();
    let expires_at = restored(&world).session().unwrap().expires_at_ms();
    world.advance_seconds(LIFETIME - 61);
    let engine = restored(&world);
    assert_eq!(engine.session().unwrap().expires_at_ms(), expires_at);
    let call = world.profile(&engine);
    world.request(USERS);
    call.abort();
    world.advance_seconds(1);
    let _call = world.profile(&engine);
    world.request(REFRESH);
}

#[test]
fn an_implausible_wall_clock_does_not_expire_a_restored_session() {
    let stored_at = 1_790_000_000_000;
    for wall_ms in [0, stored_at - HOUR_MS, stored_at + 91 * 24 * HOUR_MS] {
        let world = closed_page();
        world.set_wall_ms(wall_ms);
        let engine = restored(&world);
        world.advance_seconds(LIFETIME * 2);
        let _call = world.profile(&engine);
        world.request(USERS).fail(401);
        world.request(REFRESH);
    }
}

#[test]
fn the_session_of_an_admin_who_has_no_device_token_is_restored() {
    let world = World::new();
    world.store(r#"{"ObtainedMs":1790000000000,"Tokens":{"AccessToken":{"Token":"jwt-1","ExpiresIn":60}}}"#);
    let engine = restored(&world);
    let _call = world.profile(&engine);
    assert_eq!(world.request(USERS).bearer(), Some("jwt-1"));
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
fn an_empty_storage_causes_no_warning() {
    let world = World::new();
    assert!(restored(&world).session().is_none());
    assert_eq!(world.warnings(), 0);
}

#[test]
fn an_unreadable_stored_value_is_removed_with_a_warning() {
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
fn a_storage_that_fails_degrades_to_memory_with_one_warning() {
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
    let world = closed_page();
    world.set_storage_fails(true);
    assert!(restored(&world).session().is_none());
    assert_eq!(world.warnings(), 1);
}

#[test]
fn after_a_failed_save_the_session_of_another_user_is_removed_from_the_storage() {
    let world = World::new();
    let engine = world.signed_in();
    assert!(world.stored().unwrap().contains("device"));
    world.set_storage_full(true);
    world.register(&engine, &tokens("other", 2));
    assert_eq!(world.stored(), None);
    assert_eq!(engine.session().unwrap().device_token, "other");
    assert!(restored(&world).session().is_none());
}

#[test]
fn after_a_failed_save_an_older_session_of_the_same_user_stays_in_the_storage() {
    let world = World::new();
    let engine = world.signed_in();
    world.set_storage_full(true);
    let refresh = world.refresh(&engine);
    world.request(REFRESH).answer(200, &tokens("device", 2));
    refresh.done().unwrap();
    assert!(world.stored().unwrap().contains("refresh-1"));
}
