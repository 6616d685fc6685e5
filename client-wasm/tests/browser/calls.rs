//! The requests of calls, and the values that they resolve to.

use js_sys::{Array, Date, Object};
use telematics_user_client::stateless;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{NONE, SERVICE, World, code, evaluate, get, js, json, options, resolved, text};

#[wasm_bindgen_test]
async fn a_registration_returns_a_session() {
    let world = World::new("{}");
    let user = r#"{"FirstName":"Ada","UserFields":{"EnableTracking":false}}"#;
    let session = resolved(world.client.register(user.into(), false, NONE)).await;
    assert_eq!(text(&session, "deviceToken"), "device");
    assert_eq!(text(&session, "accessToken"), "jwt-1");
    assert_eq!(text(&session, "refreshToken"), "refresh-1");
    let expires_at: Date = get(&session, "expiresAt").dyn_into().unwrap();
    assert!((expires_at.get_time() - Date::now() - 86_400_000.0).abs() < 10_000.0);

    let seen = world.seen(0);
    assert_eq!(json(&get(&seen, "body")), user);
    assert_eq!(text(&seen, "headers.instanceid"), "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10");
    assert_eq!(text(&seen, "headers.content-type"), "application/json");
    assert_eq!(text(&seen, "redirect"), "error");
    assert_eq!(text(&seen, "credentials"), "omit");
    assert_eq!(text(&seen, "cache"), "no-store");
    assert_eq!(text(&world.changes.get(0), "0"), "registered");
    assert_eq!(text(&world.changes.get(0), "1.accessToken"), "jwt-1");
}

#[wasm_bindgen_test]
async fn a_profile_is_the_result_of_the_service() {
    let world = World::signed_in().await;
    let user = resolved(world.client.profile(NONE)).await;
    assert_eq!(text(&user, "DeviceToken"), "device");
    assert_eq!(text(&user, "Status"), "Paused");
    assert_eq!(get(&user, "UserProfile.ChildrenCount"), 2);
    assert_eq!(text(&world.seen(0), "headers.authorization"), "Bearer jwt-1");
}

#[wasm_bindgen_test]
async fn a_rejected_access_token_is_renewed() {
    let world = World::signed_in().await;
    resolved(world.client.login(&js("({ deviceToken: 'device' })"), NONE)).await;
    let stale = world.client.renew("jwt-1".to_owned(), "device".to_owned(), NONE);
    assert_eq!(text(&resolved(stale).await, "0"), "jwt-2");
    assert_eq!(world.count(), 2);
    let current = world.client.renew("jwt-2".to_owned(), "device".to_owned(), NONE);
    assert_eq!(text(&resolved(current).await, "0"), "jwt-3");
    assert_eq!(json(&get(&world.seen(0), "body")), r#"{"AccessToken":"jwt-2","RefreshToken":"refresh-2"}"#);
    assert_eq!(text(&resolved(world.client.bearer(NONE)).await, "0"), "jwt-3");
}

#[wasm_bindgen_test]
async fn an_update_sends_the_given_changes() {
    let world = World::signed_in().await;
    let changes = r#"{"ChildrenCount":0,"Status":"Deactivated","NewPassword":"p"}"#;
    assert!(resolved(world.client.update(changes.into(), true, NONE)).await.is_undefined());
    let seen = world.seen(0);
    assert_eq!(text(&seen, "method"), "PUT");
    assert_eq!(text(&seen, "headers.authorization"), "Bearer jwt-1");
    assert_eq!(json(&get(&seen, "body")), changes);
}

#[wasm_bindgen_test]
async fn a_call_that_javascript_makes_is_sent_as_the_user_or_with_the_headers_of_the_instance() {
    let world = World::signed_in().await;
    world.answer_result(r#"{ "Any": "result" }"#);
    let result = resolved(world.client.send("/v1/a?b=c", NONE.clone(), false, NONE)).await;
    assert_eq!(json(&result), r#"{"Any":"result"}"#);
    let seen = world.seen(0);
    assert_eq!(
        (text(&seen, "method"), text(&seen, "path"), text(&seen, "query")),
        ("GET".into(), "/v1/a".into(), "?b=c".into())
    );
    assert_eq!(text(&seen, "headers.instanceid"), "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10");
    assert_eq!(text(&seen, "headers.instancekey"), "1b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a11");
    assert!(get(&seen, "headers.authorization").is_undefined());

    resolved(world.client.send("/v1/a", r#"{"A":1}"#.into(), true, NONE)).await;
    let seen = world.seen(0);
    assert_eq!((text(&seen, "method"), json(&get(&seen, "body"))), ("POST".into(), r#"{"A":1}"#.into()));
    assert_eq!(text(&seen, "headers.authorization"), "Bearer jwt-1");
    assert_eq!(text(&seen, "headers.content-type"), "application/json");
    assert!(get(&seen, "headers.instanceid").is_undefined());

    resolved(world.client.send("/v1/a", JsValue::NULL, true, NONE)).await;
    let seen = world.seen(0);
    assert_eq!(text(&seen, "method"), "POST");
    assert!(get(&seen, "headers.content-type").is_undefined() && get(&seen, "body").is_undefined());
}

#[wasm_bindgen_test]
async fn a_form_is_sent_with_its_boundary() {
    let world = World::signed_in().await;
    world.answer_result(r#""https://user.test/i.png""#);
    let form =
        evaluate("const form = new FormData(); form.append('file', new Blob(['pixels'])); return form;", NONE, NONE);
    let address = resolved(world.client.send("/v1/images", form, true, NONE)).await;
    assert_eq!(address, "https://user.test/i.png");
    assert!(text(&world.seen(0), "headers.content-type").starts_with("multipart/form-data; boundary="));
}

#[wasm_bindgen_test]
async fn calls_without_a_client_send_one_request_each() {
    let service = evaluate(SERVICE, NONE, NONE);
    let at = options(&service, "{}");
    let user = || JsValue::from("{}");
    let session = resolved(stateless::register(&at, user(), false, NONE)).await;
    assert_eq!(text(&session, "accessToken"), "jwt-1");
    let next = resolved(stateless::refresh(&at, &session, NONE)).await;
    assert_eq!(text(&next, "accessToken"), "jwt-2");
    let update = |access_token, changes: &str| stateless::update(&at, access_token, changes.into(), false, NONE);
    resolved(update("jwt-2", r#"{"City":"Paris"}"#)).await;
    assert_eq!(code(update("jwt-1", "{}")).await, "unauthorized");
    assert_eq!(code(update("a\nb", "{}")).await, "invalid-argument");
    assert_eq!(code(stateless::refresh(&at, &js("({ accessToken: 'a' })"), NONE)).await, "invalid-argument");
    assert_eq!(code(stateless::register(&Object::new(), user(), false, NONE)).await, "invalid-argument");
    assert_eq!(get(&service, "seen").unchecked_into::<Array>().length(), 4);
}
