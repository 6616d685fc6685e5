//! The options of a mock, as a program in JavaScript names them.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use telematics_mock_core::control::journal::DEFAULT_SIZE;
use telematics_mock_core::http::{ApiOptions, PublicUrl};
use telematics_mock_core::initial_data::{ImportedUser, InitialData};
use telematics_mock_core::mock::MockStart;
use telematics_mock_core::service::random::Seed;
use telematics_mock_core::service::time::Timestamp;
use telematics_mock_core::service::{Overrides, Settings};
use telematics_mock_core::strict_json::{WrongJson, read_value};

use crate::platform::DateTime;

/// The options of a mock; each may be absent.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    /// The address that clients use.
    #[serde(deserialize_with = "from_text")]
    url: Option<PublicUrl>,
    /// The seed of everything random; by default one that nobody can guess.
    seed: Option<u64>,
    /// The time at which the clock stands still; by default it shows the time of JavaScript.
    #[serde(deserialize_with = "from_text")]
    clock: Option<Timestamp>,
    /// The settings that differ from the default, as `PATCH /__mock/settings` names them.
    settings: Overrides,
    /// The number of requests of each instance that the journal keeps.
    journal_size: Option<usize>,
    instances: Vec<Value>,
    admins: Vec<Value>,
    /// Users, as a users file describes them.
    users: Vec<Map<String, Value>>,
}

/// Reads a value that is text in JavaScript.
fn from_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}

impl Options {
    /// Reads options.
    ///
    /// # Errors
    ///
    /// An option is unknown or invalid: a sentence that names it.
    pub fn read(options: Value) -> Result<Self, String> {
        read_value(options.into()).map_err(sentence)
    }

    /// The start of a mock with these options, and how it is reached. `entropy` is the seed if the options have none.
    ///
    /// # Errors
    ///
    /// An option contradicts another one: a sentence that names it.
    pub fn start(self, entropy: [u8; 32]) -> Result<(MockStart, ApiOptions), String> {
        let Self { url, seed, clock, settings, journal_size, instances, admins, users } = self;
        let defaults = Settings::default();
        let settings =
            settings.checked(defaults.rotation).map_err(|error| format!("settings.{} {error}", error.field()))?;
        let listed = serde_json::json!({ "instances": instances, "admins": admins });
        let mut initial_data: InitialData = read_value(listed.into()).map_err(sentence)?;
        let users = users.into_iter().enumerate();
        let users = users.map(|(index, user)| ImportedUser::read(format!("users[{index}]"), user));
        initial_data.import(users.collect::<Result<_, _>>().map_err(|error| error.to_string())?);
        let start = MockStart {
            settings: defaults.with(&settings),
            seed: seed.map_or(Seed::from_bytes(entropy), Seed::from_number),
            time: Box::new(DateTime),
            clock,
            journal_size: journal_size.unwrap_or(DEFAULT_SIZE),
            initial_data,
        };
        let options = ApiOptions { public_url: url, is_private: true, ..ApiOptions::default() };
        Ok((start, options))
    }
}

fn sentence(WrongJson { field, reason }: WrongJson) -> String {
    field.map_or(reason.clone(), |field| format!("{field} {reason}"))
}
