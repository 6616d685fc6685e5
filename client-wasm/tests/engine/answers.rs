//! Tokens in responses that the client does not accept, because they are those of another user or cannot be sent.

use std::rc::Rc;

use serde_json::{Value, json};
use telematics_contract::auth::{AccessToken, TokensResponse};
use telematics_user_client::calls::auth::Login;
use telematics_user_client::engine::ports::ChangeKind;
use telematics_user_client::engine::shared::Shared;
use telematics_user_client::error::ErrorCode;

use crate::world::paths::{LOGIN, REFRESH, REGISTER, USERS};
use crate::world::{TestEngine, World, keyless, success, tokens};

const LONGEST_ACCESS_TOKEN: usize = 16 * 1024;

/// A response whose access token has this many bytes.
fn tokens_with_length(length: usize) -> Value {
    let access_token = json!({ "Token": "j".repeat(length), "ExpiresIn": 60 });
    success(&json!({ "DeviceToken": "device", "AccessToken": access_token, "RefreshToken": "refresh-2" }))
}

/// Asserts that the first session of the user is still there, in the tab and in the storage.
fn assert_keeps_first_session(world: &World, engine: &TestEngine) {
    let session = engine.session().unwrap();
    assert_eq!(session.device_token, "device");
    assert_eq!(session.refresh_token.as_ref().unwrap().expose(), "refresh-1");
    assert!(world.stored().unwrap().contains("refresh-1"));
    assert_eq!(world.kinds(), [ChangeKind::Registered]);
}

#[test]
fn a_refresh_that_returns_the_tokens_of_another_user_is_a_decode_error_and_keeps_the_session() {
    let world = World::new();
    let engine = world.signed_in();
    let refresh = world.refresh(&engine);
    world.request(REFRESH).answer(200, &tokens("another", 2));
    assert_eq!(refresh.error().code, ErrorCode::Decode);
    assert_keeps_first_session(&world, &engine);
}

#[test]
fn a_login_by_device_token_that_returns_the_tokens_of_another_user_is_a_decode_error() {
    let world = World::new();
    let engine = world.signed_in();
    let login = Login::by_device_token("mine", engine.config()).unwrap();
    let logging_in = Rc::clone(&engine);
    let call = world.start(async move { logging_in.login(&login, None).await });
    world.request(LOGIN).answer(200, &tokens("another", 2));
    assert_eq!(call.error().code, ErrorCode::Decode);
    assert_keeps_first_session(&world, &engine);
}

#[test]
fn a_fallback_that_returns_the_tokens_of_another_user_is_a_decode_error_and_keeps_the_session() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.profile(&engine);
    world.request(USERS).fail(401);
    world.request(REFRESH).fail(401);
    world.request(LOGIN).answer(200, &tokens("another", 2));
    assert_eq!(call.error().code, ErrorCode::Decode);
    assert_keeps_first_session(&world, &engine);
}

#[test]
fn a_reauthenticate_that_returns_the_tokens_of_another_user_is_a_decode_error_and_keeps_the_session() {
    let world = World::new();
    let another = TokensResponse {
        device_token: Some("another".to_owned()),
        access_token: Some(AccessToken { token: "jwt-2".into(), expires_in: 60 }),
        refresh_token: None,
    };
    world.reauthenticate_with(&Shared::settled(Ok(another)));
    let engine = world.signed_in_with(keyless());
    let refresh = world.refresh(&engine);
    world.request(REFRESH).fail(401);
    assert_eq!(refresh.error().code, ErrorCode::Decode);
    assert_keeps_first_session(&world, &engine);
}

#[test]
fn a_device_token_in_another_letter_case_is_the_same_user() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.profile(&engine);
    world.request(USERS).fail(401);
    world.request(REFRESH).answer(200, &tokens("DEVICE", 2));
    let second = world.request(USERS);
    assert_eq!(second.bearer(), Some("jwt-2"));
    second.answer(200, &success(&json!({})));
    assert!(call.done().is_ok());
    assert_eq!(engine.session().unwrap().device_token, "device");
}

#[test]
fn an_access_token_of_more_than_16_kib_is_a_decode_error() {
    for (length, is_accepted) in [(LONGEST_ACCESS_TOKEN, true), (LONGEST_ACCESS_TOKEN + 1, false)] {
        let world = World::new();
        let engine = world.signed_in();
        let refresh = world.refresh(&engine);
        world.request(REFRESH).answer(200, &tokens_with_length(length));
        if is_accepted {
            assert_eq!(refresh.done().unwrap().jwt().unwrap().expose().len(), length);
        } else {
            assert_eq!(refresh.error().code, ErrorCode::Decode);
            assert_keeps_first_session(&world, &engine);
        }
    }
}

#[test]
fn an_access_token_that_a_header_cannot_carry_is_a_decode_error() {
    for token in ["", "a b", "a\nb", "\u{e9}"] {
        let world = World::new();
        let engine = world.engine();
        let call = world.start_register(&engine);
        let access_token = json!({ "Token": token, "ExpiresIn": 60 });
        let answer = success(&json!({ "DeviceToken": "device", "AccessToken": access_token }));
        world.request(REGISTER).answer(200, &answer);
        assert_eq!(call.error().code, ErrorCode::Decode, "{token:?}");
        assert!(engine.session().is_none(), "{token:?}");
    }
}

#[test]
fn a_login_without_an_access_token_is_a_decode_error() {
    let world = World::new();
    let engine = world.engine();
    let login = {
        let engine = Rc::clone(&engine);
        let login = Login::by_email("a@b.c".to_owned(), "secret".into());
        world.start(async move { engine.login(&login, None).await })
    };
    world.request(LOGIN).answer(200, &success(&json!({ "DeviceToken": "device", "RefreshToken": "refresh-1" })));
    assert_eq!(login.error().code, ErrorCode::Decode);
    assert!(engine.session().is_none());
}
