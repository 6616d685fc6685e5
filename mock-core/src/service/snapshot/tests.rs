//! Tests of the checks of a snapshot.

use serde_json::{Value, json};
use telematics_contract::registration::RegisterRequest;

use super::*;
use crate::service::clock::FixedTime;
use crate::service::instances::{DEMO_INSTANCE, DEMO_KEY, InstanceHeaders};
use crate::service::time::Timestamp;
use crate::service::{Scope, Start, UserService};

/// A service with one user.
fn service() -> UserService {
    let time = Box::new(FixedTime(Timestamp::from_seconds(1_000_000)));
    let start = Start { settings: Settings::default(), seed: Seed::from_number(1), time, clock: None };
    let service = UserService::new(start);
    let headers = InstanceHeaders { id: Some(DEMO_INSTANCE.to_string()), key: Some(DEMO_KEY.expose()) };
    service.register(&headers, RegisterRequest::default(), None).unwrap();
    service
}

fn document(service: &UserService, scope: Scope) -> Value {
    serde_json::to_value(service.snapshot(scope).unwrap()).unwrap()
}

#[test]
fn a_damaged_snapshot_is_refused_with_a_sentence_and_changes_nothing() {
    let service = service();
    let sound = document(&service, Scope::Server);
    let damaged = |damage: &dyn Fn(&mut Value)| {
        let mut document = sound.clone();
        damage(&mut document["instances"]);
        let error = service.restore(Scope::Server, serde_json::from_value(document).unwrap()).unwrap_err();
        assert_eq!(self::document(&service, Scope::Server), sound, "{error}");
        error.to_string()
    };
    let id = DEMO_INSTANCE;
    let user = sound["instances"][0]["users"][0]["device_token"].as_str().unwrap();
    assert_eq!(
        damaged(&|instances| instances[1]["instance"]["id"] = json!(id)),
        format!("the snapshot is damaged: there already is an instance {id}")
    );
    assert_eq!(
        damaged(&|instances| instances[1]["instance"]["invite_code"] = json!("DEMO01")),
        "the snapshot is damaged: there already is an instance with the invite code 'DEMO01'"
    );
    let repeat = |instances: &mut Value| {
        let user = instances[0]["users"][0].clone();
        instances[0]["users"].as_array_mut().unwrap().push(user);
    };
    assert_eq!(damaged(&repeat), format!("the snapshot is damaged: user {user} is in it twice"));
    assert_eq!(
        damaged(&|instances| instances[1]["users"] = instances[0]["users"].clone()),
        format!("the snapshot is damaged: user {user} belongs to another instance")
    );
}

#[test]
fn a_picture_that_is_not_base64_is_not_part_of_a_snapshot() {
    let mut document = document(&service(), Scope::Server);
    let picture = |base64| json!([{ "id": DEMO_INSTANCE, "kind": "Png", "base64": base64 }]);
    document["instances"][0]["pictures"] = picture("iVBORw==");
    assert!(serde_json::from_value::<Snapshot>(document.clone()).is_ok());
    document["instances"][0]["pictures"] = picture("no base64!");
    let error = serde_json::from_value::<Snapshot>(document).unwrap_err().to_string();
    assert!(error.contains("a picture is not valid base64"), "{error}");
}

#[test]
fn the_snapshot_of_an_instance_is_refused_by_another_scope_and_by_a_server_with_another_seed() {
    let service = service();
    let scope = Scope::Instance(DEMO_INSTANCE);
    let mut document = document(&service, scope);
    let restore =
        |scope, document: &Value| service.restore(scope, serde_json::from_value(document.clone()).unwrap()).map(drop);
    assert_eq!(restore(scope, &document), Ok(()));
    assert!(matches!(restore(Scope::Server, &document), Err(RestoreError::Scope(_))));
    let other = Scope::Instance(crate::service::instances::UBI_INSTANCE);
    assert!(matches!(restore(other, &document), Err(RestoreError::Scope(_))));
    document["seed"] = serde_json::to_value(Seed::from_number(2)).unwrap();
    assert_eq!(restore(scope, &document), Err(RestoreError::Seed));
}
