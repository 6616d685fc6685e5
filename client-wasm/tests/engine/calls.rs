//! The requests of the calls, and the reading of their responses.

use std::any::Any;
use std::rc::Rc;

use serde_json::{Value, json};
use telematics_contract::Call;
use telematics_user_client::calls::Operation;
use telematics_user_client::calls::auth::Login;
use telematics_user_client::calls::registration::Register;
use telematics_user_client::calls::user::UpdateUser;
use telematics_user_client::error::ErrorCode;
use telematics_user_client::wire::{Body, HttpRequest};

use crate::world::paths::{LOGIN, REFRESH, REGISTER, UPLOAD, USERS};
use crate::world::{INSTANCE_ID, INSTANCE_KEY, World, body, config, failure, keyless, success, tokens};

fn json_of(request: &HttpRequest) -> &str {
    match &request.body {
        Some(Body::Json(json)) => json,
        Some(Body::Given(_)) | None => "",
    }
}

#[test]
fn a_registration_carries_the_instance_headers_and_the_given_user() {
    let user = json!({ "FirstName": "Ada" });
    let request = Register { user: body(&user), is_invited: false }.request(&config(), &World::new()).ok().unwrap();
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://user.test/v1/Registration/Create"));
    assert_eq!(request.headers, [("InstanceId", INSTANCE_ID.to_owned()), ("InstanceKey", INSTANCE_KEY.to_owned())]);
    assert_eq!(json_of(&request), r#"{"FirstName":"Ada"}"#);
}

#[test]
fn without_an_instance_key_a_registration_needs_an_invite_code() {
    let world = World::new();
    let register = |is_invited| Register { user: body(&json!({})), is_invited }.request(&keyless(), &world);
    let error = register(false).err().unwrap();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    assert!(error.message.contains("instanceInviteCode"));
    assert_eq!(register(true).ok().unwrap().headers, [("InstanceId", INSTANCE_ID.to_owned())]);
}

#[test]
fn a_login_by_email_or_phone_sends_the_password_of_the_user() {
    let world = World::new();
    let body_of = |login: Login| -> Value {
        serde_json::from_str(json_of(&login.request(&keyless(), &world).ok().unwrap())).unwrap()
    };
    assert_eq!(
        body_of(Login::by_email("a@b.c".to_owned(), "secret".into())),
        json!({ "LoginFields": { "Email": "a@b.c" }, "Password": "secret" })
    );
    assert_eq!(
        body_of(Login::by_phone("+49".to_owned(), "secret".into())),
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
    let changes = json!({ "UserFields": { "EnableTracking": false } });
    let call = world.send(&engine, &UpdateUser { changes: body(&changes), has_password: false });
    let request = world.request(USERS);
    assert_eq!((request.method(), request.bearer()), ("PUT", Some("jwt-1")));
    assert_eq!(request.body(), changes);
    request.answer(200, &json!({ "Status": 200 }));
    call.done().unwrap();
}

#[test]
fn a_body_that_only_the_transport_knows_is_sent_again_after_a_401() {
    let world = World::new();
    let engine = world.signed_in();
    let form: Rc<dyn Any> = Rc::new("form");
    let request =
        HttpRequest { body: Some(Body::Given(Rc::clone(&form))), ..config().request(Call::UploadImage.endpoint()) };
    let call = {
        let engine = Rc::clone(&engine);
        world.start(async move { engine.send(request, None).await })
    };
    world.request(UPLOAD).fail(401);
    world.request(REFRESH).answer(200, &tokens("device", 2));
    let second = world.request(UPLOAD);
    assert_eq!(second.bearer(), Some("jwt-2"));
    assert!(second.given_body().is_some_and(|body| Rc::ptr_eq(&body, &form)));
    second.answer(200, &success(&json!("https://user.test/i.png")));
    assert_eq!(call.done().unwrap().0["Result"], "https://user.test/i.png");
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
    let call = world.start_register(&engine);
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
