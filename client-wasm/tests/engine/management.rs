//! Joining an instance, looking for somebody, and the picture.

use std::rc::Rc;

use serde_json::json;
use telematics_contract::management::UserExistsQuery;
use telematics_user_client::calls::Operation;
use telematics_user_client::calls::management::{JoinInstance, UploadImage, UserExists};
use telematics_user_client::error::ErrorCode;

use crate::world::{INSTANCE_ID, INSTANCE_KEY, World, config, success};

#[test]
fn an_invite_code_stands_in_the_path_whatever_is_in_it() {
    let world = World::new();
    let engine = world.signed_in();
    let call = {
        let code = JoinInstance { invite_code: "a/../b?c".to_owned() };
        world.start(async move { engine.join_instance(&code, None).await })
    };
    let request = world.request("/v1/Management/users/instances/change/a%2F..%2Fb%3Fc");
    assert_eq!((request.method(), request.bearer()), ("POST", Some("jwt-1")));
    request.answer(200, &success(&json!({ "InstanceName": "Fleet" })));
    assert!(call.done().unwrap().contains("Fleet"));
    let none = JoinInstance { invite_code: String::new() };
    assert_eq!(none.request(&config(), &world).err().unwrap().code, ErrorCode::InvalidArgument);
}

#[test]
fn looking_for_somebody_names_the_instance_and_needs_nobody_signed_in() {
    let world = World::new();
    let engine = world.engine();
    let query = UserExistsQuery { phone: Some("+49".into()), email: Some("a@b.c".into()), client_id: None };
    let call = world.start(async move { engine.user_exists(&UserExists(query), None).await });
    let request = world.request("/v1/Check/UserExists?Phone=%2B49&Email=a%40b.c");
    assert_eq!((request.header("InstanceId"), request.header("InstanceKey")), (Some(INSTANCE_ID), Some(INSTANCE_KEY)));
    request.answer(200, &success(&json!({ "UserExists": true, "FirstName": "Ada" })));
    assert!(call.done().unwrap().contains("Ada"));
    let nobody = UserExists(UserExistsQuery::default());
    assert_eq!(nobody.request(&config(), &world).err().unwrap().code, ErrorCode::InvalidArgument);
}

#[test]
fn a_picture_is_sent_again_after_a_401_and_answered_with_its_address() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.start(async move { engine.upload_image(&UploadImage(Rc::new(())), None).await });
    world.request("/v1/Management/users/images/upload").fail(401);
    world.request("/v1/Auth/RefreshToken").answer(200, &crate::world::tokens("device", 2));
    let second = world.request("/v1/Management/users/images/upload");
    assert_eq!(second.bearer(), Some("jwt-2"));
    second.answer(200, &success(&json!("https://user.test/i.png")));
    assert_eq!(call.done().unwrap(), "https://user.test/i.png");
}
