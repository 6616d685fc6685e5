//! Compares the tables of fields with the types of the contract.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use telematics_contract::management::{JoinInstanceResponse, UserExistsQuery, UserExistsResponse};
use telematics_contract::registration::{RegisterManyRequest, RegisterRequest};
use telematics_contract::user::{Gender, UpdateUserRequest, UserFields, UserFieldsRecord, UserRecord, WrittenStatus};

use telematics_user_client::calls::management::{JOINED_INSTANCE, USER_EXISTS, USER_QUERY};
use telematics_user_client::calls::registration::{NEW_USER, NEW_USERS};
use telematics_user_client::calls::shape::{Shape, Table};
use telematics_user_client::calls::user::{USER_CHANGES, USER_RECORD};

fn object(table: Table, value: impl Fn(&str, Shape) -> Value) -> Value {
    table.iter().copied().flatten().map(|(name, shape)| (*name, value(name, *shape))).collect()
}

/// The value of an absent field.
fn default(shape: Shape) -> Value {
    match shape {
        Shape::RequiredText | Shape::RequiredOneOf(_) | Shape::Quantity(_) => panic!("the field is required"),
        Shape::Text | Shape::Flag | Shape::Whole(_) | Shape::OneOf(_) => Value::Null,
        Shape::TextOr(text) => text.into(),
        Shape::FlagOr(flag) => flag.into(),
        Shape::List => json!([]),
        Shape::Object(table) | Shape::FirstOf(table) => object(table, |_, shape| default(shape)),
    }
}

/// A valid value that differs from the default.
fn filled(shape: Shape) -> Value {
    match shape {
        Shape::RequiredText | Shape::Text | Shape::TextOr(_) => "text".into(),
        Shape::Whole(most) | Shape::Quantity(most) => most.into(),
        Shape::Flag => true.into(),
        Shape::FlagOr(flag) => (!flag).into(),
        Shape::OneOf(names) | Shape::RequiredOneOf(names) => names.last().copied().into(),
        Shape::List => json!([{}]),
        Shape::Object(table) => object(table, |_, shape| filled(shape)),
        Shape::FirstOf(table) => json!([filled(Shape::Object(table))]),
    }
}

/// Asserts that the table has the names and kinds of the type, and every field of `full`, in which no field is absent.
fn assert_matches<T: Serialize + DeserializeOwned + Debug>(table: Table, full: &T) {
    let of_table = filled(Shape::Object(table));
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
    assert_matches(
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
            generate_access_token: None, // the older name of CreateAccessToken
            instance_invite_code: text(),
            user_fields: telematics(),
            custom_token: text(),
            password: Some("text".into()),
        },
    );
}

#[test]
fn new_users_have_the_fields_of_the_contract() {
    assert_matches(
        NEW_USERS,
        &RegisterManyRequest {
            quantity: 1,
            create_access_token: Some(true),
            generate_access_token: None, // the older name of CreateAccessToken
            custom_fields: telematics(),
        },
    );
}

#[test]
fn changes_of_a_user_have_the_fields_of_the_contract() {
    assert_matches(
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
fn every_gender_of_the_contract_is_accepted() {
    let genders = [Gender::None, Gender::Male, Gender::Female, Gender::Other].map(Gender::as_str);
    let of_table = NEW_USER.iter().copied().flatten().find(|(name, _)| *name == "Gender").unwrap();
    assert!(matches!(of_table.1, Shape::OneOf(names) if names == genders));
}

#[test]
fn a_user_record_and_its_defaults_are_those_of_the_contract() {
    let known = json!({ "DeviceToken": "id", "DateCreated": "2026-06-12T04:51:03", "Status": "Active" });
    let mut record: UserRecord = serde_json::from_value(known.clone()).unwrap();
    record.user_fields.push(UserFieldsRecord::default());
    let mut of_type = serde_json::to_value(&record).unwrap();
    of_type["UserFields"] = of_type["UserFields"][0].take();
    assert_eq!(object(USER_RECORD, |name, shape| known.get(name).cloned().unwrap_or_else(|| default(shape))), of_type);
    assert_matches(USER_RECORD, &record);
}

#[test]
fn the_query_and_the_result_of_user_exists_have_the_fields_of_the_contract() {
    assert_matches(USER_QUERY, &UserExistsQuery { phone: text(), email: text(), client_id: text() });
    let result = UserExistsResponse {
        user_exists: true,
        first_name: text(),
        last_name: text(),
        nickname: text(),
        image_url: text(),
    };
    assert_matches(USER_EXISTS, &result);
}

#[test]
fn the_result_of_joining_an_instance_has_the_fields_of_the_contract() {
    assert_matches(JOINED_INSTANCE, &JoinInstanceResponse { instance_name: text() });
}
