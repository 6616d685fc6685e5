//! The requests of calls, and the values that they resolve to.

use js_sys::{Array, Date, Object};
use telematics_user_client::stateless;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{NONE, SERVICE, World, code, evaluate, get, js, json, options, rejected, resolved, text};

#[wasm_bindgen_test]
async fn a_registration_returns_a_session() {
    let world = World::new("{}");
    let user =
        js(r#"({ firstName: "Ada", gender: "Female", email: undefined, userFields: { enableTracking: false } })"#);
    let session = resolved(world.client.register(&user, NONE)).await;
    assert_eq!(text(&session, "deviceToken"), "device");
    assert_eq!(text(&session, "accessToken"), "jwt-1");
    assert_eq!(text(&session, "refreshToken"), "refresh-1");
    let expires_at: Date = get(&session, "expiresAt").dyn_into().unwrap();
    assert!((expires_at.get_time() - Date::now() - 86_400_000.0).abs() < 10_000.0);

    let seen = world.seen(0);
    assert_eq!(
        json(&get(&seen, "body")),
        r#"{"FirstName":"Ada","Gender":"Female","UserFields":{"EnableTracking":false}}"#
    );
    assert_eq!(text(&seen, "headers.instanceid"), "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10");
    assert_eq!(text(&seen, "headers.content-type"), "application/json");
    assert_eq!(text(&seen, "redirect"), "error");
    assert_eq!(text(&seen, "credentials"), "omit");
    assert_eq!(text(&seen, "cache"), "no-store");
    assert_eq!(text(&world.changes.get(0), "0"), "registered");
    assert_eq!(text(&world.changes.get(0), "1.accessToken"), "jwt-1");
}

#[wasm_bindgen_test]
async fn a_batch_returns_a_session_for_every_user() {
    let world = World::new("{}");
    let batch = js("({ quantity: 3, customFields: { clientId: 'c' } })");
    let sessions: Array = resolved(world.client.register_many(&batch, NONE)).await.unchecked_into();
    assert_eq!(sessions.length(), 3);
    assert_eq!(text(&sessions.get(2), "deviceToken"), "device");
    assert_eq!(world.changes.length(), 0);
}

#[wasm_bindgen_test]
async fn a_profile_has_every_field_in_camel_case() {
    let world = World::signed_in().await;
    let user = resolved(world.client.profile(NONE)).await;
    assert_eq!(text(&user, "deviceToken"), "device");
    assert_eq!(text(&user, "status"), "Unknown");
    assert_eq!(text(&user, "userProfile.firstName"), "Ada");
    assert_eq!(get(&user, "userProfile.childrenCount"), 2);
    assert_eq!(get(&user, "userProfile.externalImageUrl"), JsValue::NULL);
    assert_eq!(text(&user, "mobileDevice.virtualImei"), "000000000000000");
    assert_eq!(
        json(&get(&user, "userFields")),
        r#"{"clientId":"c","enableLogging":true,"enableRealTimeLocation":false,"enableTracking":true,"enabled":true}"#
    );
    assert_eq!(json(&get(&user, "userWallets")), "[]");
}

#[wasm_bindgen_test]
async fn a_rejected_access_token_is_renewed() {
    let world = World::signed_in().await;
    resolved(world.client.login(&js("({ deviceToken: 'device' })"), NONE)).await;
    let stale = world.client.renew("jwt-1".to_owned(), "device".to_owned(), NONE);
    assert_eq!(text(&resolved(stale).await, "accessToken"), "jwt-2");
    assert_eq!(world.count(), 2);
    let current = world.client.renew("jwt-2".to_owned(), "device".to_owned(), NONE);
    assert_eq!(text(&resolved(current).await, "accessToken"), "jwt-3");
    assert_eq!(json(&get(&world.seen(0), "body")), r#"{"AccessToken":"jwt-2","RefreshToken":"refresh-2"}"#);
    assert_eq!(text(&resolved(world.client.bearer(NONE)).await, "accessToken"), "jwt-3");
}

#[wasm_bindgen_test]
async fn an_update_sends_only_the_given_fields() {
    let world = World::signed_in().await;
    let changes = js("({ status: 'Deactivated', childrenCount: 0, newPassword: 'p', lastName: null })");
    assert!(resolved(world.client.update(&changes, NONE)).await.is_undefined());
    let seen = world.seen(0);
    assert_eq!(text(&seen, "method"), "PUT");
    assert_eq!(text(&seen, "headers.authorization"), "Bearer jwt-1");
    assert_eq!(json(&get(&seen, "body")), r#"{"ChildrenCount":0,"Status":"Deactivated","NewPassword":"p"}"#);
}

#[wasm_bindgen_test]
async fn joining_an_instance_returns_its_name() {
    let world = World::signed_in().await;
    world.answer_result(r#"{ "InstanceName": "Fleet" }"#);
    let joined = resolved(world.client.join_instance(&"a/b".into(), NONE)).await;
    assert_eq!(json(&joined), r#"{"instanceName":"Fleet"}"#);
    assert_eq!(text(&world.seen(0), "path"), "/v1/Management/users/instances/change/a%2Fb");
    for code_of_instance in [NONE, &7.into(), &"".into()] {
        let error = rejected(world.client.join_instance(code_of_instance, NONE)).await;
        assert!(text(&error, "message").starts_with("inviteCode "), "{error:?}");
    }
}

#[wasm_bindgen_test]
async fn user_exists_needs_a_query_and_no_signed_in_user() {
    let world = World::new("{}");
    world.answer_result(r#"{ "UserExists": true, "FirstName": "Ada" }"#);
    let query = js("({ email: 'a@b.c', clientId: null })");
    let found = resolved(world.client.user_exists(&query, NONE)).await;
    assert_eq!(
        json(&found),
        r#"{"userExists":true,"firstName":"Ada","lastName":null,"nickname":null,"imageUrl":null}"#
    );
    assert_eq!(text(&world.seen(0), "query"), "?Email=a%40b.c");
    for (query, field) in
        [("undefined", "query"), ("({})", "query"), ("({ email: 7 })", "email"), ("({ mail: 'a' })", "mail")]
    {
        let error = rejected(world.client.user_exists(&js(query), NONE)).await;
        assert_eq!(text(&error, "code"), "invalid-argument");
        assert!(text(&error, "message").starts_with(&format!("{field} ")), "{query}: {error:?}");
    }
    assert_eq!(world.count(), 1);
}

#[wasm_bindgen_test]
async fn a_picture_is_sent_as_a_form_and_its_address_returned() {
    let world = World::signed_in().await;
    world.answer_result(r#""https://user.test/i.png""#);
    let address = resolved(world.client.upload_image(&js("new Blob(['pixels'])"), NONE)).await;
    assert_eq!(address, "https://user.test/i.png");
    assert!(text(&world.seen(0), "headers.content-type").starts_with("multipart/form-data; boundary="));
    let error = rejected(world.client.upload_image(&"pixels".into(), NONE)).await;
    assert!(text(&error, "message").starts_with("picture "), "{error:?}");
    world.answer_result("7");
    assert_eq!(code(world.client.upload_image(&js("new Blob([])"), NONE)).await, "decode");
}

#[wasm_bindgen_test]
async fn calls_without_a_client_send_one_request_each() {
    let service = evaluate(SERVICE, NONE, NONE);
    let at = options(&service, "{}");
    let session = resolved(stateless::register(&at, NONE, NONE)).await;
    assert_eq!(text(&session, "accessToken"), "jwt-1");
    let next = resolved(stateless::refresh(&at, &session, NONE)).await;
    assert_eq!(text(&next, "accessToken"), "jwt-2");
    resolved(stateless::update(&at, &"jwt-2".into(), &js("({ city: 'Paris' })"), NONE)).await;
    assert_eq!(code(stateless::update(&at, &"jwt-1".into(), &js("({})"), NONE)).await, "unauthorized");
    assert_eq!(code(stateless::update(&at, &"a\nb".into(), &js("({})"), NONE)).await, "invalid-argument");
    assert_eq!(code(stateless::update(&at, NONE, &js("({})"), NONE)).await, "invalid-argument");
    assert_eq!(code(stateless::refresh(&at, &js("({ accessToken: 'a' })"), NONE)).await, "invalid-argument");
    assert_eq!(code(stateless::register(&Object::new(), NONE, NONE)).await, "invalid-argument");
    assert_eq!(get(&service, "seen").unchecked_into::<Array>().length(), 4);
}
