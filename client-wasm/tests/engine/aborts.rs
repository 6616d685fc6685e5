//! What happens to a call that nobody waits for any more.

use std::rc::Rc;

use serde_json::json;
use telematics_user_client::engine::ports::ChangeKind;
use telematics_user_client::error::ErrorCode;

use crate::world::{World, success, tokens};

const READ: &str = "/v1/Management/users";
const REFRESH: &str = "/v1/Auth/RefreshToken";

#[test]
fn aborting_a_call_aborts_its_request() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.profile(&engine);
    let request = world.request(READ);
    call.abort();
    assert!(request.is_aborted());
}

#[test]
fn aborting_the_call_that_started_a_refresh_harms_nobody() {
    let world = World::new();
    let engine = world.signed_in();
    let (first, second) = (world.profile(&engine), world.profile(&engine));
    let requests = world.requests();
    requests.iter().for_each(|request| request.fail(401));
    let refresh = world.request(REFRESH);
    first.abort();
    assert!(!refresh.is_aborted());
    refresh.answer(200, &tokens("device", 2));
    world.request(READ).answer(200, &success(&json!({})));
    assert!(second.done().is_ok());
}

#[test]
fn a_refresh_that_nobody_waits_for_any_more_is_still_kept() {
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
    let call = {
        let engine = Rc::clone(&engine);
        world.start(async move { engine.profile(Some(2_000)).await })
    };
    let request = world.request(READ);
    world.advance_seconds(1);
    assert!(call.is_under_way());
    world.advance_seconds(1);
    assert_eq!(call.error().code, ErrorCode::Timeout);
    assert!(request.is_aborted());
}

#[test]
fn whoever_waits_for_the_end_of_an_engine_hears_of_it() {
    let world = World::new();
    let engine = world.signed_in();
    let closed = world.start(engine.closed());
    assert!(closed.is_under_way());
    engine.close();
    closed.done();
}
