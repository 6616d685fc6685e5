//! Which change wins if sign-in, sign-out and refresh overlap.

use std::rc::Rc;

use telematics_user_client::calls::auth::Login;
use telematics_user_client::engine::ports::ChangeKind;
use telematics_user_client::engine::session::Session;
use telematics_user_client::engine::shared::Shared;
use telematics_user_client::error::ErrorCode;

use crate::world::paths::{LOGIN, REFRESH, REGISTER, USERS};
use crate::world::{Call, TestEngine, World, tokens};

#[test]
fn a_sign_out_wins_over_a_pending_refresh() {
    let world = World::new();
    let engine = world.signed_in();
    let refresh = world.refresh(&engine);
    let request = world.request(REFRESH);
    let forgotten = world.start(engine.sign_out());
    forgotten.done();
    assert!(engine.session().is_none());
    assert_eq!(refresh.error().code, ErrorCode::NotSignedIn);

    request.answer(200, &tokens("device", 2));
    assert_eq!(world.kinds(), [ChangeKind::Registered, ChangeKind::SignedOut]);
    assert!(engine.session().is_none());
    assert_eq!(world.stored(), None);
}

#[test]
fn a_sign_out_prevents_the_fallback() {
    let world = World::new();
    let engine = world.signed_in();
    let _refresh = world.refresh(&engine);
    let request = world.request(REFRESH);
    world.start(engine.sign_out()).done();
    request.fail(401);
    assert!(world.requests().is_empty());
}

#[test]
fn a_401_after_a_sign_out_becomes_not_signed_in() {
    let world = World::new();
    let engine = world.signed_in();
    let call = world.profile(&engine);
    let request = world.request(USERS);
    world.start(engine.sign_out()).done();
    request.fail(401);
    assert_eq!(call.error().code, ErrorCode::NotSignedIn);
}

#[test]
fn a_login_wins_over_a_pending_refresh() {
    let world = World::new();
    let engine = world.signed_in();
    let refresh = world.refresh(&engine);
    let old = world.request(REFRESH);
    let login = login(&world, &engine);
    world.request(LOGIN).answer(200, &tokens("device", 5));
    login.done().unwrap();
    assert_eq!(refresh.done().unwrap().refresh_token.as_ref().unwrap().expose(), "refresh-5");

    old.answer(200, &tokens("device", 2));
    assert_eq!(world.kinds(), [ChangeKind::Registered, ChangeKind::SignedIn]);
    assert!(world.stored().unwrap().contains("refresh-5"));

    // The next refresh uses the tokens of the login.
    let refresh = world.refresh(&engine);
    assert_eq!(world.request(REFRESH).body()["RefreshToken"], "refresh-5");
    assert!(refresh.is_pending());
}

#[test]
fn a_refresh_that_lost_to_a_login_does_not_end_the_refresh_of_the_new_session() {
    let world = World::new();
    let engine = world.signed_in();
    let _lost = world.refresh(&engine);
    let old = world.request(REFRESH);
    let login = login(&world, &engine);
    world.request(LOGIN).answer(200, &tokens("device", 5));
    login.done().unwrap();
    let first = world.refresh(&engine);
    let request = world.request(REFRESH);
    old.fail(401);
    let second = world.refresh(&engine);
    assert!(world.requests().is_empty());
    request.answer(200, &tokens("device", 6));
    assert!(Rc::ptr_eq(&first.done().unwrap(), &second.done().unwrap()));
}

#[test]
fn a_login_started_before_a_sign_out_does_not_sign_in() {
    let world = World::new();
    let engine = world.engine();
    let login = login(&world, &engine);
    let request = world.request(LOGIN);
    world.start(engine.sign_out()).done();
    request.answer(200, &tokens("device", 1));
    assert_eq!(login.error().code, ErrorCode::Aborted);
    assert!(engine.session().is_none());
    assert_eq!(world.stored(), None);
}

#[test]
fn of_two_sign_ins_the_one_started_later_wins() {
    let world = World::new();
    let engine = world.engine();
    let registration = world.start_register(&engine);
    let slow = world.request(REGISTER);
    let login = login(&world, &engine);
    world.request(LOGIN).answer(200, &tokens("device", 2));
    login.done().unwrap();
    slow.answer(200, &tokens("earlier", 1));
    assert_eq!(registration.error().code, ErrorCode::Aborted);
    assert_eq!(engine.session().unwrap().device_token, "device");
}

#[test]
fn a_failed_sign_in_keeps_the_earlier_session() {
    let world = World::new();
    let engine = world.signed_in();
    let login = login(&world, &engine);
    world.request(LOGIN).fail(401);
    assert_eq!(login.error().code, ErrorCode::Unauthorized);
    assert_eq!(engine.session().unwrap().device_token, "device");
}

#[test]
fn a_slow_storage_cannot_bring_a_session_back() {
    let world = World::new();
    let engine = world.signed_in();
    let gate = Shared::new();
    world.set_storage_gate(Some(&gate));
    let refresh = world.refresh(&engine);
    world.request(REFRESH).answer(200, &tokens("device", 2));
    assert!(refresh.is_pending());
    world.set_storage_gate(None);
    let forgotten = world.start(engine.sign_out());
    assert!(forgotten.is_pending());
    gate.settle(());
    forgotten.done();
    assert_eq!(world.stored(), None);
    assert_eq!(world.kinds(), [ChangeKind::Registered, ChangeKind::Refreshed, ChangeKind::SignedOut]);
}

fn login(world: &World, engine: &TestEngine) -> Call<Rc<Session>> {
    let engine = Rc::clone(engine);
    world.start(async move {
        let login = Login::by_device_token("device", engine.config()).unwrap();
        engine.login(&login, None).await
    })
}
