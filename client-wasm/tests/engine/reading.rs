//! The reading and writing by hand agrees with the types of the contract, for any field that is absent or has another type.

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use telematics_contract::Envelope;
use telematics_contract::auth::{
    AccessToken, LoginFields, LoginRequest, REFRESH_TOKEN_SECONDS, RefreshRequest, TokensResponse,
};
use telematics_user_client::calls::Operation;
use telematics_user_client::calls::auth::{Login, RefreshToken, to_object, tokens};
use telematics_user_client::engine::clock::Moment;
use telematics_user_client::engine::session::{Session, StoredSession};
use telematics_user_client::error::ErrorCode;
use telematics_user_client::wire::{Body, Codec, Config, HttpResponse, envelope};

use crate::json::Parsed;
use crate::world::{BASE_URL, INSTANCE_ID, World, config};

/// A field that is absent, `null` or of any simple type, and often of the expected one.
fn field(expected: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        6 => expected.prop_map(Some),
        1 => Just(None),
        1 => Just(Some(Value::Null)),
        1 => prop_oneof![Just(json!(true)), Just(json!({})), Just(json!(1.5)), Just(json!(-1)), Just(json!([7]))].prop_map(Some),
        1 => prop_oneof![Just(json!("text")), Just(json!(7)), Just(json!(u64::from(u32::MAX) + 1))].prop_map(Some),
    ]
}

fn object(fields: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    let given = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    given.collect::<Map<_, _>>().into()
}

fn text() -> impl Strategy<Value = Value> {
    any::<String>().prop_map(Value::from)
}

fn whole() -> impl Strategy<Value = Value> {
    prop_oneof![any::<u32>(), Just(0), Just(u32::MAX)].prop_map(Value::from)
}

/// The result of a call that returns tokens, with fields of any type.
fn tokens_json() -> impl Strategy<Value = Value> {
    let access = (field(text()), field(whole())).prop_map(|(token, expires_in)| {
        object([("Token", token), ("ExpiresIn", expires_in), ("More", Some(json!(1)))])
    });
    (field(text()), field(access), field(text())).prop_map(|(device_token, access_token, refresh_token)| {
        object([("DeviceToken", device_token), ("AccessToken", access_token), ("RefreshToken", refresh_token)])
    })
}

/// An envelope with fields of any type.
fn envelope_json() -> impl Strategy<Value = Value> {
    let error = (field(text()), field(text())).prop_map(|(key, message)| object([("Key", key), ("Message", message)]));
    let errors = prop::collection::vec(error, 0..3).prop_map(Value::from);
    let status = prop_oneof![Just(200), Just(299), Just(300), Just(401), 0..70_000].prop_map(Value::from);
    (field(status), field(text()), field(errors), field(text())).prop_map(|(status, title, errors, result)| {
        object([("Status", status), ("Title", title), ("Errors", errors), ("Result", result)])
    })
}

/// What the types of the contract read. A field that is `null` reads like one that is absent.
fn by_contract<T: DeserializeOwned>(value: &Value) -> Option<T> {
    fn without_nulls(value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                let given = fields.iter().filter(|(_, value)| !value.is_null());
                given.map(|(name, value)| (name.clone(), without_nulls(value))).collect::<Map<_, _>>().into()
            }
            Value::Array(items) => items.iter().map(without_nulls).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }
    }
    serde_json::from_value(without_nulls(value)).ok()
}

/// Valid tokens of a user.
fn valid_tokens() -> impl Strategy<Value = TokensResponse> {
    let access =
        ("[!-~]{1,40}", any::<u32>()).prop_map(|(token, expires_in)| AccessToken { token: token.into(), expires_in });
    ("[a-z]{1,8}", prop::option::of(access), prop::option::of(any::<String>())).prop_map(
        |(device_token, access_token, refresh_token)| TokensResponse {
            device_token: Some(device_token),
            access_token,
            refresh_token: refresh_token.map(Into::into),
        },
    )
}

fn sent<T: DeserializeOwned>(call: &impl Operation, config: &Config) -> T {
    match call.request(config, &World::new()).ok().unwrap().body {
        Some(Body::Json(json)) => serde_json::from_str(&json).unwrap(),
        Some(Body::Given(_)) | None => panic!("the body is not JSON"),
    }
}

proptest! {
    #[test]
    fn tokens_are_read_as_the_contract_reads_them(result in tokens_json()) {
        // serde also reads a list in the place of an object, which no service sends.
        let is_list = result.get("AccessToken").is_some_and(Value::is_array);
        let expected = if is_list { None } else { by_contract::<TokensResponse>(&result) };
        prop_assert_eq!(tokens(&Parsed(result)), expected);
    }

    #[test]
    fn tokens_are_written_as_they_are_read(written in valid_tokens()) {
        let text = World::new().encode(&to_object(&written));
        prop_assert_eq!(tokens(&Parsed::from_text(&text).unwrap()), Some(written));
    }

    #[test]
    fn an_envelope_is_read_as_the_contract_reads_it(body in envelope_json(), status in prop_oneof![Just(200_u16), Just(299), Just(300), Just(500)]) {
        let is_success = |status: u16| (200..300).contains(&status);
        let mut with_objects = body.clone();
        for error in with_objects.get_mut("Errors").and_then(Value::as_array_mut).into_iter().flatten() {
            // The client reads an error that is no object as one without fields, so that the title is not lost.
            if !error.is_object() {
                *error = json!({});
            }
        }
        let expected = by_contract::<Envelope<Value>>(&with_objects);
        let response = HttpResponse { status, retry_after_seconds: None, body: body.to_string() };
        match (envelope::success(response, &World::new()), expected) {
            (Ok(read), Some(expected)) => {
                prop_assert!(is_success(status) && is_success(expected.status));
                prop_assert_eq!(read.0, body);
            }
            (Ok(_), None) => prop_assert!(false, "an unreadable envelope is a success"),
            (Err(error), None) if is_success(status) => prop_assert_eq!(error.code, ErrorCode::Decode),
            (Err(error), None) => {
                prop_assert_eq!((error.status, &*error.title, error.fields.len()), (Some(status), "", 0));
            }
            (Err(error), Some(expected)) => {
                let failed = if is_success(status) { expected.status } else { status };
                prop_assert!(!is_success(failed));
                prop_assert_eq!((error.code, error.status), (ErrorCode::from_status(failed), Some(failed)));
                prop_assert_eq!((&error.title, &error.fields), (&expected.title, &expected.errors));
            }
        }
    }

    #[test]
    fn a_stored_session_is_read_as_it_was_written(
        written in valid_tokens(),
        wall_ms in 0..10_000_000_000_000_u64,
        later_ms in 0..u64::from(REFRESH_TOKEN_SECONDS) * 1000,
    ) {
        let lifetime_ms = written.access_token.as_ref().map(|access| u64::from(access.expires_in) * 1000);
        let session = Session::from_tokens(written, Moment { monotonic_ms: 5_000, wall_ms }).unwrap();
        prop_assert_eq!(session.expires_at_ms(), lifetime_ms.map(|lifetime_ms| wall_ms + lifetime_ms));
        let text = World::new().encode(&session.to_stored().to_object());
        let stored = StoredSession::read(&Parsed::from_text(&text).unwrap()).unwrap();
        let read = stored.restore(Moment { monotonic_ms: 1_000 + later_ms, wall_ms: wall_ms + later_ms }).unwrap();
        prop_assert!(read.has_same_credentials(&session));
        prop_assert_eq!(read.expires_at_ms(), session.expires_at_ms());
        for ms in [0, 1, 60_000, 86_400_000, later_ms, u64::from(u32::MAX) * 1000] {
            // The clock of the new page started 4 s later.
            let is_known = read.has_expired(1_000 + later_ms.max(ms)) == session.has_expired(5_000 + later_ms.max(ms));
            prop_assert!(is_known, "{}", ms);
        }
    }

    #[test]
    fn a_stored_value_without_a_time_or_with_unreadable_tokens_is_not_read(
        obtained in field(whole()),
        result in field(tokens_json()),
    ) {
        let is_valid = obtained.as_ref().is_some_and(Value::is_number)
            && result.as_ref().is_some_and(|result| !result.is_null() && tokens(&Parsed(result.clone())).is_some());
        let stored = Parsed(object([("ObtainedMs", obtained), ("Tokens", result)]));
        prop_assert_eq!(StoredSession::read(&stored).is_some(), is_valid);
    }

    #[test]
    fn the_body_of_a_login_is_the_login_of_the_contract(user in "\\PC{1,20}", password in any::<String>()) {
        let keyless = Config::new(BASE_URL, INSTANCE_ID, None).unwrap();
        let by_email = LoginFields { email: Some(user.clone()), ..LoginFields::default() };
        let by_phone = LoginFields { phone: Some(user.clone()), ..LoginFields::default() };
        let by_device_token = LoginFields { device_token: Some(user.clone()), ..LoginFields::default() };
        let expected = |login_fields| LoginRequest { login_fields, password: password.as_str().into() };
        let login = Login::by_email(user.clone(), password.as_str().into());
        prop_assert_eq!(sent::<LoginRequest>(&login, &keyless), expected(by_email));
        let login = Login::by_phone(user.clone(), password.as_str().into());
        prop_assert_eq!(sent::<LoginRequest>(&login, &keyless), expected(by_phone));
        let config = config();
        let login = Login::by_device_token(&user, &config).unwrap();
        let password = config.instance_key.clone().unwrap();
        prop_assert_eq!(sent::<LoginRequest>(&login, &config), LoginRequest { login_fields: by_device_token, password });
    }

    #[test]
    fn the_body_of_a_refresh_is_the_refresh_of_the_contract(access in any::<String>(), refresh in any::<String>()) {
        let pair = RefreshRequest { access_token: access.into(), refresh_token: refresh.into() };
        prop_assert_eq!(sent::<RefreshRequest>(&RefreshToken(&pair), &config()), pair);
    }
}

#[test]
fn a_result_that_is_no_object_contains_no_token() {
    for result in [json!("text"), json!(7), json!(true), json!([]), json!([["jwt", 5]])] {
        let read = tokens(&Parsed(result)).unwrap();
        assert!(read.device_token.is_none() && read.access_token.is_none() && read.refresh_token.is_none());
    }
}
