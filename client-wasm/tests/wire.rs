//! `wire.json` shows the wire format to the JavaScript tests. Here it is compared with the types of the contract; `shapes.test.mjs`
//! and `on-demand.test.mjs` compare the tables and calls of the package with it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use serde::Serialize;
use serde::de::{DeserializeOwned, Deserializer, Error, Visitor};
use serde_json::{Value, json};
use telematics_contract::auth::{AccessToken, TokensResponse};
use telematics_contract::management::{JoinInstanceResponse, UserExistsQuery, UserExistsResponse};
use telematics_contract::registration::{MAX_QUANTITY, RegisterManyRequest, RegisterRequest};
use telematics_contract::user::{
    AccountInfo, Gender, MobileDevice, UpdateUserRequest, UserFields, UserFieldsRecord, UserProfile, UserRecord,
    UserStatus, UserWallet, WrittenStatus,
};
use telematics_contract::{Access, Call, Endpoint};

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

fn new_user() -> RegisterRequest {
    RegisterRequest {
        first_name: text(),
        last_name: text(),
        nickname: text(),
        phone: text(),
        email: text(),
        gender: Some(Gender::Other),
        birthday: text(),
        marital_status: text(),
        children_count: Some(u32::MAX),
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
    }
}

fn new_users() -> RegisterManyRequest {
    RegisterManyRequest {
        quantity: MAX_QUANTITY,
        create_access_token: Some(true),
        generate_access_token: None, // the older name of CreateAccessToken
        custom_fields: telematics(),
    }
}

fn user_changes() -> UpdateUserRequest {
    UpdateUserRequest {
        first_name: text(),
        last_name: text(),
        nickname: text(),
        phone: text(),
        email: text(),
        gender: Some(Gender::Other),
        birthday: text(),
        marital_status: text(),
        children_count: Some(u32::MAX),
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
    }
}

/// A record whose values all differ from those of an absent field.
fn user_record() -> UserRecord {
    UserRecord {
        device_token: "text".to_owned(),
        date_created: "2026-06-12T04:51:03".to_owned(),
        status: UserStatus::Inactive,
        activity_status: "No Data".to_owned(),
        user_profile: UserProfile {
            first_name: text(),
            last_name: text(),
            gender: text(),
            birthday: text(),
            marital_status: text(),
            children_count: Some(u32::MAX),
            address: text(),
            country: text(),
            district: text(),
            city: text(),
            nickname: text(),
            email: text(),
            phone: text(),
            image_url: text(),
            external_image_url: text(),
        },
        mobile_device: MobileDevice {
            mobile_uid: text(),
            device_model: text(),
            os_type: text(),
            os_version: text(),
            sdk_version: text(),
            app_version: text(),
            virtual_imei: "123456789012345".to_owned(),
        },
        account_info: AccountInfo {
            company_id: text(),
            company_name: text(),
            application_id: text(),
            application_name: text(),
            instance_id: text(),
            instance_name: text(),
        },
        user_wallets: Some(vec![UserWallet {}]),
        identity_id: text(),
        identity_provider: text(),
        user_fields: vec![UserFieldsRecord {
            client_id: text(),
            enable_logging: true,
            enable_real_time_location: true,
            enable_tracking: false,
            enabled: false,
        }],
    }
}

fn tokens() -> TokensResponse {
    let access_token = Some(AccessToken { token: "jwt".into(), expires_in: u32::MAX });
    TokensResponse { device_token: text(), access_token, refresh_token: Some("text".into()) }
}

/// A value in which no field is absent, the names of the required fields, and what is read if only these are present.
fn sample<T: Serialize + DeserializeOwned>(full: &T) -> Value {
    let full = serde_json::to_value(full).unwrap();
    let Value::Object(fields) = &full else { panic!("{full} is not an object") };
    let is_optional = |name: &str| {
        let mut without = fields.clone();
        without.remove(name);
        serde_json::from_value::<T>(without.into()).is_ok()
    };
    let (mut least, mut required) = (fields.clone(), Vec::new());
    for name in fields.keys() {
        if is_optional(name) {
            least.remove(name);
        } else {
            required.push(name.as_str());
        }
    }
    let read: T = serde_json::from_value(least.into()).unwrap();
    json!({ "full": full, "required": required, "readFromRequired": read })
}

/// The names of an enumeration.
fn names<T: DeserializeOwned>() -> Vec<&'static str> {
    struct Names<'a>(&'a mut Vec<&'static str>);

    impl<'de> Deserializer<'de> for Names<'_> {
        type Error = serde_json::Error;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
            Err(Self::Error::custom("this is not an enumeration"))
        }

        fn deserialize_enum<V: Visitor<'de>>(
            self,
            _: &'static str,
            variants: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, Self::Error> {
            self.0.extend(variants);
            self.deserialize_any(visitor)
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map struct identifier ignored_any
        }
    }

    let mut names = Vec::new();
    let stopped = T::deserialize(Names(&mut names));
    assert!(stopped.is_err() && !names.is_empty());
    names
}

fn endpoint(call: Call) -> Value {
    let Endpoint { method, path, access } = call.endpoint();
    let access = match access {
        Access::Instance => "instance",
        Access::User => "user",
        Access::Body | Access::Admin | Access::UserOrAdmin => panic!("{call:?} is made by the engine or by an admin"),
    };
    json!({ "method": method.as_str(), "path": path, "access": access })
}

/// The content that the file must have.
fn wire() -> Value {
    let mut record = sample(&user_record());
    // A record without telematics parameters reads like one with their defaults.
    record["readFromRequired"]["UserFields"] = json!([UserFieldsRecord::default()]);
    json!({
        "newUser": sample(&new_user()),
        "newUsers": sample(&new_users()),
        "userChanges": sample(&user_changes()),
        "userQuery": sample(&UserExistsQuery { phone: text(), email: text(), client_id: text() }),
        "userExists": sample(&UserExistsResponse {
            user_exists: true,
            first_name: text(),
            last_name: text(),
            nickname: text(),
            image_url: text(),
        }),
        "joinedInstance": sample(&JoinInstanceResponse { instance_name: text() }),
        "userRecord": record,
        "tokens": sample(&tokens()),
        "genders": names::<Gender>(),
        "writtenStatuses": names::<WrittenStatus>(),
        "readStatuses": names::<UserStatus>(),
        "maxQuantity": MAX_QUANTITY,
        "endpoints": {
            "registerMany": endpoint(Call::RegisterMany),
            "userExists": endpoint(Call::UserExists),
            "joinInstance": endpoint(Call::JoinInstance),
            "uploadImage": endpoint(Call::UploadImage),
        },
    })
}

#[test]
fn the_wire_format_that_the_javascript_tests_see_is_that_of_the_contract() {
    let shown: Value = serde_json::from_str(include_str!("wire.json")).unwrap();
    let expected = wire();
    assert!(shown == expected, "wire.json must contain:\n{expected:#}");
}
