//! Which calls are repeated, when, and how many times.

use serde_json::json;
use telematics_user_client::calls::user::UpdateUser;
use telematics_user_client::error::ErrorCode;
use telematics_user_client::wire::Config;

use crate::world::paths::{REFRESH, REGISTER, USERS};
use crate::world::{World, body, config, success, tokens};

fn with_retries() -> Config {
    Config { max_retries: 2, ..config() }
}

#[test]
fn a_read_is_repeated_after_a_passing_failure_up_to_max_retries() {
    for status in [502, 503, 504] {
        let world = World::new();
        let engine = world.signed_in_with(with_retries());
        let call = world.profile(&engine);
        for _ in 0..2 {
            world.request(USERS).fail_without_retry_after(status);
            assert!(world.requests().is_empty(), "the retry waits");
            world.advance_seconds(2);
        }
        world.request(USERS).fail_without_retry_after(status);
        assert_eq!(call.error().status, Some(status));
    }
}

#[test]
fn each_pause_before_a_retry_is_twice_as_long_as_the_one_before() {
    let world = World::new();
    let engine = world.signed_in_with(Config { max_retries: 4, ..config() });
    let _call = world.profile(&engine);
    // The pauses are 250, 500, 1000 and 2000 ms, because the clock of this test adds nothing to them.
    for _ in 0..3 {
        world.request(USERS).lose();
        world.advance_seconds(1);
    }
    world.request(USERS).lose();
    world.advance_seconds(1);
    assert!(world.requests().is_empty());
    world.advance_seconds(1);
    world.request(USERS);
}

#[test]
fn a_read_is_repeated_after_a_lost_response() {
    let world = World::new();
    let engine = world.signed_in_with(with_retries());
    let call = world.profile(&engine);
    world.request(USERS).lose();
    world.advance_seconds(1);
    world.request(USERS).answer(200, &success(&json!({})));
    assert!(call.done().is_ok());
}

#[test]
fn retry_after_is_respected_unless_it_exceeds_the_time_limit() {
    let world = World::new();
    let engine = world.signed_in_with(with_retries());
    let call = world.profile(&engine);
    world.request(USERS).fail(429); // Retry-After: 7
    world.advance_seconds(6);
    assert!(world.requests().is_empty());
    world.advance_seconds(1);
    world.request(USERS).fail_after(429, 31);
    let error = call.error();
    assert_eq!((error.code, error.retry_after_seconds), (ErrorCode::RateLimited, Some(31)));
    assert!(engine.session().is_some());
}

#[test]
fn a_429_without_retry_after_and_other_failures_are_not_repeated() {
    for status in [400, 403, 404, 422, 429, 500] {
        let world = World::new();
        let engine = world.signed_in_with(with_retries());
        let call = world.profile(&engine);
        world.request(USERS).fail_without_retry_after(status);
        assert_eq!(call.error().status, Some(status));
    }
    for status in [400, 403, 404, 422, 500] {
        let world = World::new();
        let engine = world.signed_in_with(with_retries());
        let call = world.profile(&engine);
        world.request(USERS).fail(status); // Retry-After: 7
        assert_eq!(call.error().status, Some(status));
    }
}

#[test]
fn the_clock_makes_the_pauses_of_two_pages_different() {
    let world = World::new();
    let engine = world.signed_in_with(with_retries());
    world.advance_ms(100);
    let _call = world.profile(&engine);
    world.request(USERS).lose();
    world.advance_ms(349);
    assert!(world.requests().is_empty());
    world.advance_ms(1);
    world.request(USERS);
}

#[test]
fn a_registration_a_refresh_and_a_change_of_the_password_are_never_repeated() {
    let world = World::new();
    let engine = world.signed_in_with(with_retries());
    let refresh = world.refresh(&engine);
    world.request(REFRESH).lose();
    assert_eq!(refresh.error().code, ErrorCode::Network);
    let registration = world.start_register(&engine);
    world.request(REGISTER).lose();
    assert_eq!(registration.error().code, ErrorCode::Network);
    for has_password in [true, false] {
        let call = world.send(&engine, &UpdateUser { changes: body(&json!({})), has_password });
        world.request(USERS).lose();
        assert_eq!(call.is_pending(), !has_password);
        call.abort();
    }
}

#[test]
fn after_a_429_another_user_may_renew_at_once() {
    let world = World::new();
    let engine = world.signed_in();
    let refused = world.refresh(&engine);
    world.request(REFRESH).fail(429);
    assert_eq!(refused.error().code, ErrorCode::RateLimited);
    world.register(&engine, &tokens("other", 2));
    let refresh = world.refresh(&engine);
    world.request(REFRESH).answer(200, &tokens("other", 3));
    assert!(refresh.done().is_ok());
}

#[test]
fn after_a_429_no_renewal_is_sent_until_retry_after_has_passed() {
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
