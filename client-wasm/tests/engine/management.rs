//! Joining an instance, checking whether a user exists, and uploading a picture.

use std::rc::Rc;

use serde_json::json;
use telematics_user_client::calls::Operation;
use telematics_user_client::calls::management::{JoinInstance, UploadImage, UserExists};
use telematics_user_client::error::ErrorCode;

use crate::world::paths::{REFRESH, UPLOAD};
use crate::world::{INSTANCE_ID, INSTANCE_KEY, World, config, success, tokens};

#[test]
fn an_invite_code_is_percent_encoded_in_the_path() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.send(&engine, &JoinInstance { invite_code: "a/../b?c".to_owned() });
    let request = world.request("/v1/Management/users/instances/change/a%2F..%2Fb%3Fc");
    assert_eq!((request.method(), request.bearer()), ("POST", Some("jwt-1")));
    request.answer(200, &success(&json!({ "InstanceName": "Fleet" })));
    assert!(call.done().unwrap().contains("Fleet"));
    let empty = JoinInstance { invite_code: String::new() };
    assert_eq!(empty.request(&config(), &world).err().unwrap().code, ErrorCode::InvalidArgument);
}

#[test]
fn user_exists_carries_the_instance_headers_and_needs_no_signed_in_user() {
    let world = World::new();
    let engine = world.engine();
    let query = vec![("Phone", "+49".to_owned()), ("Email", "a@b.c".to_owned())];
    let call = world.send(&engine, &UserExists(query));
    let request = world.request("/v1/Check/UserExists?Phone=%2B49&Email=a%40b.c");
    assert_eq!((request.header("InstanceId"), request.header("InstanceKey")), (Some(INSTANCE_ID), Some(INSTANCE_KEY)));
    request.answer(200, &success(&json!({ "UserExists": true, "FirstName": "Ada" })));
    assert!(call.done().unwrap().contains("Ada"));
    let signed_in = world.signed_in();
    let _call = world.send(&signed_in, &UserExists(vec![("ClientId", "c".to_owned())]));
    assert_eq!(world.request("/v1/Check/UserExists?ClientId=c").bearer(), None);
    let empty = UserExists(Vec::new());
    assert_eq!(empty.request(&config(), &world).err().unwrap().code, ErrorCode::InvalidArgument);
}

#[test]
fn a_picture_is_sent_again_after_a_401() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.send(&engine, &UploadImage(Rc::new(())));
    world.request(UPLOAD).fail(401);
    world.request(REFRESH).answer(200, &tokens("device", 2));
    let second = world.request(UPLOAD);
    assert_eq!(second.bearer(), Some("jwt-2"));
    second.answer(200, &success(&json!("https://user.test/i.png")));
    assert!(call.done().unwrap().contains("https://user.test/i.png"));
}
