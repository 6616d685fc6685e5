//! The fallback if the refresh token is dead, and failures that do not end the session.

use serde_json::json;
use telematics_user_client::engine::ports::ChangeKind;
use telematics_user_client::error::ErrorCode;

use crate::world::paths::{LOGIN, REFRESH, USERS};
use crate::world::{INSTANCE_ID, INSTANCE_KEY, World, keyless, success, tokens};

#[test]
fn a_dead_refresh_token_is_replaced_by_a_login_with_the_device_token() {
    for status in [400, 401, 403, 404, 419, 422] {
        let world = World::new();
        let engine = world.signed_in();
        let call = world.profile(&engine);
        world.request(USERS).fail(401);
        world.request(REFRESH).fail(status);
        let login = world.request(LOGIN);
        assert_eq!(login.header("InstanceId"), Some(INSTANCE_ID));
        assert_eq!(login.body(), json!({ "LoginFields": { "Devicetoken": "device" }, "Password": INSTANCE_KEY }));
        login.answer(200, &tokens("device", 3));
        assert_eq!(world.request(USERS).bearer(), Some("jwt-3"));
        assert!(call.is_pending());
        assert_eq!(world.kinds(), [ChangeKind::Registered, ChangeKind::Reauthenticated]);
    }
}

#[test]
fn a_user_registered_without_tokens_logs_in_at_the_first_call() {
    let world = World::new();
    let engine = world.engine();
    let answer = success(&json!({ "DeviceToken": "device", "AccessToken": null, "RefreshToken": null }));
    world.register(&engine, &answer);
    assert_eq!(engine.session().unwrap().expires_at_ms(), None);

    let _call = world.profile(&engine);
    world.request(LOGIN).answer(200, &tokens("device", 1));
    assert_eq!(world.request(USERS).bearer(), Some("jwt-1"));
}

#[test]
fn an_expired_session_is_reported_to_every_pending_call_and_once_to_the_listener() {
    for status in [400, 401, 404, 419, 422] {
        let world = World::new();
        let engine = world.signed_in();
        let calls = [world.profile(&engine), world.profile(&engine), world.profile(&engine)];
        let mut requests = world.requests();
        let late = requests.pop().unwrap();
        requests.iter().for_each(|request| request.fail(401));
        world.request(REFRESH).fail(401);
        world.request(LOGIN).fail(status);
        late.fail(401);
        for call in &calls {
            assert_eq!(call.error().code, ErrorCode::SessionExpired);
        }
        assert_eq!(world.changes().last().unwrap(), &(ChangeKind::Expired, None));
        assert_eq!(world.stored(), None);
        assert!(engine.session().is_none());
        assert_eq!(world.profile(&engine).error().code, ErrorCode::NotSignedIn);
        assert!(world.changes().is_empty());
    }
}

#[test]
fn a_deactivated_user_keeps_the_session() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.profile(&engine);
    world.request(USERS).fail(401);
    world.request(REFRESH).fail(403);
    world.request(LOGIN).fail(403);
    assert_eq!(call.error().code, ErrorCode::Forbidden);
    assert!(engine.session().is_some());
}

#[test]
fn without_an_instance_key_a_dead_refresh_token_ends_the_session() {
    let world = World::new();
    let engine = world.signed_in_with(keyless());
    let call = world.profile(&engine);
    world.request(USERS).fail(401);
    world.request(REFRESH).fail(401);
    assert_eq!(call.error().code, ErrorCode::SessionExpired);
    assert!(world.requests().is_empty());
}

#[test]
fn a_passing_failure_of_the_service_does_not_end_the_session() {
    for (status, code) in [(429, ErrorCode::RateLimited), (500, ErrorCode::Service), (503, ErrorCode::Service)] {
        for at_login in [false, true] {
            let world = World::new();
            let engine = world.signed_in();
            let refresh = world.refresh(&engine);
            if at_login {
                world.request(REFRESH).fail(401);
                world.request(LOGIN).fail(status);
            } else {
                world.request(REFRESH).fail(status);
            }
            let error = refresh.error();
            assert_eq!((error.code, error.status), (code, Some(status)));
            assert_eq!(error.retry_after_seconds, Some(7));
            assert!(engine.session().is_some());
            assert!(world.stored().unwrap().contains("refresh-1"));
        }
    }
}

#[test]
fn a_refresh_that_times_out_does_not_end_the_session() {
    let world = World::new();
    let engine = world.signed_in();
    let refresh = world.refresh(&engine);
    let request = world.request(REFRESH);
    world.advance_seconds(29);
    assert!(refresh.is_pending());
    world.advance_seconds(1);
    assert_eq!(refresh.error().code, ErrorCode::Timeout);
    assert!(request.is_aborted());
    assert!(engine.session().is_some());
}

#[test]
fn after_a_lost_response_the_same_pair_is_tried_again_before_the_fallback() {
    let world = World::new();
    let engine = world.signed_in();
    let first = world.refresh(&engine);
    world.request(REFRESH).lose();
    assert_eq!(first.error().code, ErrorCode::Network);

    let second = world.refresh(&engine);
    let request = world.request(REFRESH);
    assert_eq!(request.body()["RefreshToken"], "refresh-1");
    request.fail(401);
    world.request(LOGIN).answer(200, &tokens("device", 3));
    assert_eq!(second.done().unwrap().refresh_token.as_ref().unwrap().expose(), "refresh-3");
}

#[test]
fn a_response_that_cannot_be_decoded_keeps_the_pair() {
    let world = World::new();
    let engine = world.signed_in();
    for body in ["<html>", "{}", r#"{"Status":200,"Result":null}"#, r#"{"Status":200,"Result":{"RefreshToken":"r"}}"#] {
        let refresh = world.refresh(&engine);
        world.request(REFRESH).answer_text(200, body);
        assert_eq!(refresh.error().code, ErrorCode::Decode, "{body}");
        assert_eq!(engine.session().unwrap().refresh_token.as_ref().unwrap().expose(), "refresh-1");
    }
}
