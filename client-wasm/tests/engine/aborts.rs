//! Aborted calls, and the time limit of a call.

use serde_json::json;
use telematics_user_client::calls::user::ReadUser;
use telematics_user_client::engine::ports::ChangeKind;
use telematics_user_client::error::ErrorCode;

use crate::world::paths::{REFRESH, USERS};
use crate::world::{World, success, tokens};

#[test]
fn aborting_a_call_aborts_its_request() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.profile(&engine);
    let request = world.request(USERS);
    call.abort();
    assert!(request.is_aborted());
}

#[test]
fn aborting_the_call_that_started_a_refresh_does_not_abort_the_refresh() {
    let world = World::new();
    let engine = world.signed_in();
    let (first, second) = (world.profile(&engine), world.profile(&engine));
    let requests = world.requests();
    requests.iter().for_each(|request| request.fail(401));
    let refresh = world.request(REFRESH);
    first.abort();
    assert!(!refresh.is_aborted());
    refresh.answer(200, &tokens("device", 2));
    world.request(USERS).answer(200, &success(&json!({})));
    assert!(second.done().is_ok());
}

#[test]
fn the_tokens_of_a_refresh_are_stored_even_if_every_caller_has_aborted() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.refresh(&engine);
    let refresh = world.request(REFRESH);
    call.abort();
    drop(engine);
    refresh.answer(200, &tokens("device", 2));
    assert!(world.stored().unwrap().contains("refresh-2"));
    assert_eq!(world.kinds(), [ChangeKind::Registered, ChangeKind::Refreshed]);
}

#[test]
fn a_call_ends_at_its_own_time_limit() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.send_within(&engine, &ReadUser, Some(2_000));
    let request = world.request(USERS);
    world.advance_seconds(1);
    assert!(call.is_pending());
    world.advance_seconds(1);
    assert_eq!(call.error().code, ErrorCode::Timeout);
    assert!(request.is_aborted());
}

#[test]
fn closing_an_engine_resolves_closed() {
    let world = World::new();
    let engine = world.signed_in();
    let closed = world.start(engine.closed());
    assert!(closed.is_pending());
    engine.close();
    closed.done();
}
