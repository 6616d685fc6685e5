//! Which calls are sent again, when, and how often.

use std::rc::Rc;

use serde_json::json;
use telematics_user_client::calls::user::UpdateUser;
use telematics_user_client::engine::config::Config;
use telematics_user_client::error::ErrorCode;

use crate::world::{World, config, success, tokens};

const READ: &str = "/v1/Management/users";
const REFRESH: &str = "/v1/Auth/RefreshToken";

fn patient() -> Config {
    Config { max_retries: 2, ..config() }
}

#[test]
fn reading_is_repeated_after_a_passing_failure_and_no_more_often_than_asked() {
    for status in [502, 503, 504] {
        let world = World::new();
        let engine = world.signed_in_with(patient());
        let call = world.profile(&engine);
        for _ in 0..2 {
            world.request(READ).fail_at_once(status);
            assert!(world.requests().is_empty(), "not at once");
            world.advance_seconds(2);
        }
        world.request(READ).fail_at_once(status);
        assert_eq!(call.error().status, Some(status));
    }
}

#[test]
fn a_lost_answer_is_asked_for_again() {
    let world = World::new();
    let engine = world.signed_in_with(patient());
    let call = world.profile(&engine);
    world.request(READ).lose();
    world.advance_seconds(1);
    world.request(READ).answer(200, &success(&json!({})));
    assert!(call.done().is_ok());
}

#[test]
fn retry_after_is_waited_for_where_it_is_not_too_long() {
    let world = World::new();
    let engine = world.signed_in_with(patient());
    let call = world.profile(&engine);
    world.request(READ).fail(429); // Retry-After: 7
    world.advance_seconds(6);
    assert!(world.requests().is_empty());
    world.advance_seconds(1);
    world.request(READ).fail_after(429, 31);
    let error = call.error();
    assert_eq!((error.code, error.retry_after_seconds), (ErrorCode::RateLimited, Some(31)));
    assert!(engine.session().is_some());
}

#[test]
fn a_429_without_retry_after_and_any_other_refusal_are_told_at_once() {
    for status in [400, 403, 404, 422, 429, 500] {
        let world = World::new();
        let engine = world.signed_in_with(patient());
        let call = world.profile(&engine);
        world.request(READ).fail_at_once(status);
        assert_eq!(call.error().status, Some(status));
    }
}

#[test]
fn a_registration_a_refresh_and_a_change_of_the_password_are_never_repeated() {
    let world = World::new();
    let engine = world.signed_in_with(patient());
    let refresh = world.refresh(&engine);
    world.request(REFRESH).lose();
    assert_eq!(refresh.error().code, ErrorCode::Network);
    for has_password in [true, false] {
        let engine = Rc::clone(&engine);
        let update = UpdateUser { changes: json!({}), has_password };
        let call = world.start(async move { engine.update(&update, None).await });
        world.request(READ).lose();
        assert_eq!(call.is_under_way(), !has_password);
        call.abort();
    }
}

#[test]
fn the_service_is_left_alone_until_it_wants_to_hear_of_renewals_again() {
    let world = World::new();
    let engine = world.signed_in();
    let refresh = world.refresh(&engine);
    world.request(REFRESH).fail(429); // Retry-After: 7
    assert_eq!(refresh.error().code, ErrorCode::RateLimited);
    world.advance_seconds(6);
    assert_eq!(world.refresh(&engine).error().code, ErrorCode::RateLimited);
    assert!(world.requests().is_empty());
    world.advance_seconds(1);
    let refresh = world.refresh(&engine);
    world.request(REFRESH).answer(200, &tokens("device", 2));
    assert!(refresh.done().is_ok());
}
