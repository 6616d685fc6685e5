//! The requests of the calls, and the reading of their responses.

use std::rc::Rc;

use serde_json::{Value, json};
use telematics_contract::registration::{RegisterManyRequest, RegisterRequest};
use telematics_contract::user::{UpdateUserRequest, UserFields};
use telematics_user_client::calls::Operation;
use telematics_user_client::calls::auth::Login;
use telematics_user_client::calls::registration::{Register, RegisterMany};
use telematics_user_client::calls::user::UpdateUser;
use telematics_user_client::error::ErrorCode;
use telematics_user_client::wire::{Body, Config, HttpRequest};

use crate::world::paths::{LOGIN, REFRESH, REGISTER, REGISTER_MANY, USERS};
use crate::world::{BASE_URL, INSTANCE_ID, INSTANCE_KEY, World, config, failure, success, tokens};

fn json_of(request: &HttpRequest) -> &str {
    match &request.body {
        Some(Body::Json(json)) => json,
        Some(Body::File(_)) | None => "",
    }
}

fn keyless() -> Config {
    Config::new(BASE_URL, INSTANCE_ID, None).unwrap()
}

#[test]
fn a_registration_carries_the_instance_headers_and_only_the_given_fields() {
    let user = RegisterRequest { first_name: Some("Ada".to_owned()), ..RegisterRequest::default() };
    let request = Register { user, is_invited: false }.request(&config(), &World::new()).ok().unwrap();
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://user.test/v1/Registration/Create"));
    assert_eq!(request.headers, [("InstanceId", INSTANCE_ID.to_owned()), ("InstanceKey", INSTANCE_KEY.to_owned())]);
    assert_eq!(json_of(&request), r#"{"FirstName":"Ada"}"#);
}

#[test]
fn without_an_instance_key_a_registration_needs_an_invite_code() {
    let world = World::new();
    let register = |is_invited| Register { user: RegisterRequest::default(), is_invited }.request(&keyless(), &world);
    let error = register(false).err().unwrap();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    assert!(error.message.contains("instanceInviteCode"));
    assert_eq!(register(true).ok().unwrap().headers, [("InstanceId", INSTANCE_ID.to_owned())]);
}

#[test]
fn a_batch_needs_an_instance_key() {
    let batch = RegisterManyRequest {
        quantity: 2,
        create_access_token: None,
        generate_access_token: None,
        custom_fields: None,
    };
    let batch = RegisterMany(batch);
    assert_eq!(batch.request(&keyless(), &World::new()).err().unwrap().code, ErrorCode::InvalidArgument);
    let request = batch.request(&config(), &World::new()).ok().unwrap();
    assert_eq!(request.url, "https://user.test/v1/Registration/CreateMultiple");
    assert_eq!(json_of(&request), r#"{"Quantity":2}"#);
}

#[test]
fn a_batch_returns_a_session_for_every_user_and_keeps_the_own_session() {
    let world = World::new();
    let engine = world.signed_in();
    let call = {
        let engine = Rc::clone(&engine);
        world.start(async move { engine.register_many(&RegisterMany(json!({ "Quantity": 2 })), None).await })
    };
    let user = |number: u32| tokens(&format!("device-{number}"), number)["Result"].take();
    world.request(REGISTER_MANY).answer(200, &success(&json!([user(1), user(2)])));
    let sessions = call.done().unwrap();
    let devices: Vec<&str> = sessions.iter().map(|session| session.device_token.as_str()).collect();
    assert_eq!(devices, ["device-1", "device-2"]);
    assert_eq!(engine.session().unwrap().device_token, "device");
}

#[test]
fn a_login_by_email_or_phone_sends_the_password_of_the_user() {
    let world = World::new();
    let body = |login: Login| -> Value {
        serde_json::from_str(json_of(&login.request(&keyless(), &world).ok().unwrap())).unwrap()
    };
    assert_eq!(
        body(Login::by_email("a@b.c".to_owned(), "secret".into())),
        json!({ "LoginFields": { "Email": "a@b.c" }, "Password": "secret" })
    );
    assert_eq!(
        body(Login::by_phone("+49".to_owned(), "secret".into())),
        json!({ "LoginFields": { "Phone": "+49" }, "Password": "secret" })
    );
}

#[test]
fn a_login_by_device_token_needs_an_instance_key() {
    assert!(Login::by_device_token("device", &keyless()).is_none());
    assert!(Login::by_device_token("", &config()).is_none());
    assert!(Login::by_device_token("device", &config()).is_some());
}

#[test]
fn an_update_is_a_put_that_carries_the_access_token() {
    let world = World::new();
    let engine = world.signed_in();
    let user_fields = Some(UserFields { enable_tracking: Some(false), ..UserFields::default() });
    let changes = UpdateUserRequest { user_fields, ..UpdateUserRequest::default() };
    let call = world.send(&engine, &UpdateUser { changes, has_password: false });
    let request = world.request(USERS);
    assert_eq!((request.method(), request.bearer()), ("PUT", Some("jwt-1")));
    assert_eq!(request.body(), json!({ "UserFields": { "EnableTracking": false } }));
    request.answer(200, &json!({ "Status": 200 }));
    call.done().unwrap();
}

#[test]
fn every_failure_status_has_an_error_code() {
    let world = World::new();
    let engine = world.signed_in();
    for (status, code) in [
        (400, ErrorCode::Validation),
        (403, ErrorCode::Forbidden),
        (404, ErrorCode::NotFound),
        (422, ErrorCode::Validation),
        (429, ErrorCode::RateLimited),
        (500, ErrorCode::Service),
    ] {
        for http_status in [status, 200] {
            let call = world.profile(&engine);
            world.request(USERS).answer(http_status, &failure(status));
            let error = call.error();
            assert_eq!((error.code, error.status), (code, Some(status)));
            assert_eq!(error.title, "No.");
        }
    }
}

#[test]
fn an_error_contains_the_invalid_fields() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.profile(&engine);
    let errors = json!([{ "Key": "Gender", "Message": "No such gender." }]);
    world.request(USERS).answer(422, &json!({ "Status": 422, "Title": null, "Errors": errors }));
    let error = call.error();
    assert_eq!(error.fields[0].key, "Gender");
    assert_eq!(error.message, "The service answered 422.");
}

#[test]
fn a_failure_without_an_envelope_is_classified_by_its_http_status() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.profile(&engine);
    world.request(USERS).answer_text(502, "<html>Bad gateway</html>");
    let error = call.error();
    assert_eq!((error.code, error.status), (ErrorCode::Service, Some(502)));
}

#[test]
fn a_registration_without_a_device_token_is_a_decode_error() {
    let world = World::new();
    let engine = world.engine();
    let call = {
        let engine = Rc::clone(&engine);
        let user = Register { user: json!({}), is_invited: true };
        world.start(async move { engine.register(&user, None).await })
    };
    world.request(REGISTER).answer(200, &success(&json!({ "RefreshToken": "r" })));
    assert_eq!(call.error().code, ErrorCode::Decode);
}

#[test]
fn no_error_contains_a_secret() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.profile(&engine);
    world.request(USERS).fail(401);
    world.request(REFRESH).fail(401);
    world.request(LOGIN).fail(401);
    let shown = format!("{:?}", call.error());
    assert!(["jwt-1", "refresh-1", INSTANCE_KEY].iter().all(|secret| !shown.contains(secret)), "{shown}");
}
