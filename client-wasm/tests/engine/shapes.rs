//! The shapes of what only passes through, against the types of the contract.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use telematics_contract::registration::{RegisterManyRequest, RegisterRequest};
use telematics_contract::user::{Gender, UpdateUserRequest, UserFields, UserFieldsRecord, UserRecord, WrittenStatus};

use telematics_user_client::calls::shape::Shape::{
    self, Fields, First, Flag, FlagOr, Known, KnownOf, List, OneOf, Quantity, Text, TextOr, Whole,
};
use telematics_user_client::calls::shape::{NEW_USER, NEW_USERS, Table, USER_CHANGES, USER_RECORD};

fn object(table: Table, value: impl Fn(&str, Shape) -> Value) -> Value {
    table.iter().copied().flatten().map(|(name, shape)| (*name, value(name, *shape))).collect()
}

/// What stands for a value that is missing.
fn default(shape: Shape) -> Value {
    match shape {
        Known | KnownOf(_) | Quantity(_) => panic!("it must be there"),
        Text | Flag | Whole(_) | OneOf(_) => Value::Null,
        TextOr(text) => text.into(),
        FlagOr(flag) => flag.into(),
        List => json!([]),
        Fields(table) | First(table) => object(table, |_, shape| default(shape)),
    }
}

/// A value that fits, and is no default.
fn filled(shape: Shape) -> Value {
    match shape {
        Known | Text | TextOr(_) => "text".into(),
        Whole(most) | Quantity(most) => most.into(),
        Flag => true.into(),
        FlagOr(flag) => (!flag).into(),
        OneOf(names) | KnownOf(names) => names.last().copied().into(),
        List => json!([{}]),
        Fields(table) => object(table, |_, shape| filled(shape)),
        First(table) => json!([filled(Fields(table))]),
    }
}

/// Names and kinds are those of the type, and none is missing: `full` has every field.
fn is_held_against<T: Serialize + DeserializeOwned + Debug>(table: Table, full: &T) {
    let of_table = filled(Fields(table));
    let read: T = serde_json::from_value(of_table.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), of_table);

    let of_type = serde_json::to_value(full).unwrap();
    let mut missing: Vec<&String> = of_type.as_object().unwrap().keys().collect();
    missing.retain(|name| of_table.get(name).is_none());
    assert!(missing.is_empty(), "{missing:?}");
}

fn text() -> Option<String> {
    Some("text".to_owned())
}

fn telematics() -> Option<UserFields> {
    Some(UserFields {
        enable_tracking: Some(true),
        enable_logging: Some(true),
        enable_real_time_location: Some(true),
        enabled: Some(true),
        client_id: text(),
    })
}

#[test]
fn a_new_user_has_the_fields_of_the_contract() {
    is_held_against(
        NEW_USER,
        &RegisterRequest {
            first_name: text(),
            last_name: text(),
            nickname: text(),
            phone: text(),
            email: text(),
            gender: Some(Gender::Other),
            birthday: text(),
            marital_status: text(),
            children_count: Some(1),
            country: text(),
            district: text(),
            city: text(),
            address: text(),
            image_url: text(),
            create_access_token: Some(true),
            generate_access_token: None, // the other name of the same
            instance_invite_code: text(),
            user_fields: telematics(),
            custom_token: text(),
            password: Some("text".into()),
        },
    );
}

#[test]
fn new_users_have_the_fields_of_the_contract() {
    is_held_against(
        NEW_USERS,
        &RegisterManyRequest {
            quantity: 1,
            create_access_token: Some(true),
            generate_access_token: None, // the other name of the same
            custom_fields: telematics(),
        },
    );
}

#[test]
fn changes_of_a_user_have_the_fields_of_the_contract() {
    is_held_against(
        USER_CHANGES,
        &UpdateUserRequest {
            first_name: text(),
            last_name: text(),
            nickname: text(),
            phone: text(),
            email: text(),
            gender: Some(Gender::Other),
            birthday: text(),
            marital_status: text(),
            children_count: Some(1),
            country: text(),
            district: text(),
            city: text(),
            address: text(),
            image_url: text(),
            external_image_url: text(),
            status: Some(WrittenStatus::Deleted),
            old_password: Some("text".into()),
            new_password: Some("text".into()),
            identity_id: text(),
            identity_provider: text(),
            user_fields: telematics(),
        },
    );
}

#[test]
fn every_gender_that_can_be_written_is_in_the_shape() {
    let genders = [Gender::None, Gender::Male, Gender::Female, Gender::Other].map(Gender::as_str);
    let of_table = NEW_USER.iter().copied().flatten().find(|(name, _)| *name == "Gender").unwrap();
    assert!(matches!(of_table.1, OneOf(names) if names == genders));
}

#[test]
fn a_user_record_and_its_defaults_are_those_of_the_contract() {
    let known = json!({ "DeviceToken": "id", "DateCreated": "2026-06-12T04:51:03", "Status": "Active" });
    let mut record: UserRecord = serde_json::from_value(known.clone()).unwrap();
    record.user_fields.push(UserFieldsRecord::default());
    let mut of_type = serde_json::to_value(&record).unwrap();
    of_type["UserFields"] = of_type["UserFields"][0].take();
    assert_eq!(object(USER_RECORD, |name, shape| known.get(name).cloned().unwrap_or_else(|| default(shape))), of_type);
    is_held_against(USER_RECORD, &record);
}
