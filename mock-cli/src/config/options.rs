//! The options, on the command line, in the environment and in the configuration file alike.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use clap::builder::BoolishValueParser;
use serde::de::{Deserialize, Deserializer, Error as _};
use telematics_contract::Secret;
use telematics_mock_core::http::{HostName, PublicUrl};
use telematics_mock_core::service::Overrides;
use telematics_mock_core::service::lockout_limits::LockoutOption;
use telematics_mock_core::service::refusal::RefreshRejected;
use telematics_mock_core::service::rotation::Rotation;
use telematics_mock_core::service::time::{Period, Timestamp};

/// The options; each may be absent. [`super::environment`] gives each a variable.
#[derive(Args, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Options {
    /// Listen on this address; one that other machines can reach needs --control-token or --allow-host [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    #[serde(default, deserialize_with = "from_text")]
    pub host: Option<ListeningHost>,

    /// Listen on this port; 0 takes a free one [default: 4600]
    #[arg(long)]
    pub port: Option<u16>,

    /// Lifetime of access tokens, for example 2s, 15m, 5d or P1DT2H [default: 5d after registration, 1d after login and refresh]
    #[arg(long, value_name = "DURATION")]
    pub access_token_ttl: Option<Period>,

    /// Lifetime of refresh tokens [default: 90d]
    #[arg(long, value_name = "DURATION")]
    pub refresh_token_ttl: Option<Period>,

    /// Rotation of refresh tokens: strict, grace[=10s], reuse or off; or that of another service: hydra-grace[=10s], supabase[=10s] or keycloak [default: strict]
    #[arg(long)]
    pub rotation: Option<Rotation>,

    /// Lock an address out for an hour after more than five logins in a minute, an hour or a day: true, false, 5-per-minute, 5-per-hour or 5-per-day [default: false]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "LIMITS")]
    pub login_lockout: Option<LockoutOption>,

    /// Status of the answer to a refresh token that is used, superseded, revoked or expired: 401 or 400 [default: 401]
    #[arg(long, value_name = "STATUS")]
    pub refresh_rejected_status: Option<RefreshRejected>,

    /// Stop accepting a device token in the headers as authentication at this time; none: never [default: none]
    #[arg(long, value_name = "TIME")]
    pub device_token_sunset: Option<OrNone<Timestamp>>,

    /// Accept an access token for this long after it has expired [default: 0s]
    #[arg(long, value_name = "DURATION")]
    pub clock_skew: Option<Period>,

    /// Make tokens and passwords repeatable, and therefore guessable [default: random]
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,

    /// Start with the clock frozen at this time, for example 2026-01-01T00:00:00Z; none: real time [default: none]
    #[arg(long, value_name = "TIME")]
    pub clock: Option<OrNone<Timestamp>>,

    /// Add the users of this file at the start: a JSON array of fixtures (.json) or a table with their names (.csv) [default: none]
    // In the configuration file, `users` is the table of the users themselves.
    #[serde(rename = "users-file")]
    #[arg(long, value_name = "FILE")]
    pub users: Option<PathBuf>,

    /// Keep the state in this file: load it at the start, write it on exit and every few seconds after a change [default: none]
    #[arg(long, value_name = "FILE")]
    pub state_file: Option<OrNone<PathBuf>>,

    /// Look for changes of the state at this interval, in milliseconds [default: 2000]
    #[arg(long, value_name = "MS", hide = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub state_interval_ms: Option<u64>,

    /// Keep this number of requests of each instance in the journal; 0 keeps none [default: 10000]
    #[arg(long, value_name = "ENTRIES")]
    pub journal_size: Option<usize>,

    /// Take the client's address from X-Forwarded-For, and the server's from X-Forwarded-Host and X-Forwarded-Proto; use it only behind a proxy that sets these headers [default: false]
    #[arg(long, alias = "trust-forwarded-for", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = BoolishValueParser::new(), value_name = "BOOL")]
    #[serde(alias = "trust-forwarded-for")]
    pub trust_forwarded: Option<bool>,

    /// The address of the server as clients reach it, for the URLs of pictures [default: http:// and the Host of the request]
    #[arg(long, value_name = "URL")]
    #[serde(default, deserialize_with = "from_text")]
    pub public_url: Option<PublicUrl>,

    /// Let control requests name this host, and pages of it make them, without a control token; may be given several times [default: only localhost and loopback addresses]
    ///
    /// A browser cannot lie about these names, so a web page of another host stays out. A program can: every machine that reaches
    /// the port may control the server. In a container network that is what you want; anywhere else use --control-token.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    #[serde(default, deserialize_with = "from_texts")]
    pub allow_host: Vec<HostName>,

    /// The token that control requests must send as Authorization: Bearer [default: none; control requests only from loopback]
    #[arg(long, value_name = "TOKEN")]
    pub control_token: Option<ControlToken>,

    /// Serve the static files of this folder at the paths that are not the mock's [default: none]
    #[arg(long, value_name = "FOLDER")]
    pub page: Option<OrNone<PathBuf>>,

    /// Play the control calls in the *.json files of this folder before the server is ready [default: /etc/telematics-mock/init.d if it exists]
    #[arg(long, value_name = "FOLDER")]
    pub init: Option<OrNone<PathBuf>>,

    /// Print the ready line as JSON [default: false]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = BoolishValueParser::new(), value_name = "BOOL")]
    pub json: Option<bool>,

    /// Log to standard error: error, warn, info, debug, trace, or a filter such as telematics_mock=debug [default: info]
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
}

impl Options {
    /// These options over others: an option that is absent here is taken from there.
    #[must_use]
    pub fn over(self, others: Self) -> Self {
        Self {
            host: self.host.or(others.host),
            port: self.port.or(others.port),
            access_token_ttl: self.access_token_ttl.or(others.access_token_ttl),
            refresh_token_ttl: self.refresh_token_ttl.or(others.refresh_token_ttl),
            rotation: self.rotation.or(others.rotation),
            login_lockout: self.login_lockout.or(others.login_lockout),
            refresh_rejected_status: self.refresh_rejected_status.or(others.refresh_rejected_status),
            device_token_sunset: self.device_token_sunset.or(others.device_token_sunset),
            clock_skew: self.clock_skew.or(others.clock_skew),
            seed: self.seed.or(others.seed),
            clock: self.clock.or(others.clock),
            users: self.users.or(others.users),
            state_file: self.state_file.or(others.state_file),
            state_interval_ms: self.state_interval_ms.or(others.state_interval_ms),
            journal_size: self.journal_size.or(others.journal_size),
            trust_forwarded: self.trust_forwarded.or(others.trust_forwarded),
            public_url: self.public_url.or(others.public_url),
            allow_host: if self.allow_host.is_empty() { others.allow_host } else { self.allow_host },
            control_token: self.control_token.or(others.control_token),
            page: self.page.or(others.page),
            init: self.init.or(others.init),
            json: self.json.or(others.json),
            log: self.log.or(others.log),
        }
    }

    /// The settings that the options change.
    #[must_use]
    pub fn settings(&self) -> Overrides {
        Overrides {
            registration_token: self.access_token_ttl,
            login_token: self.access_token_ttl,
            refresh_token: self.refresh_token_ttl,
            clock_skew: self.clock_skew,
            rotation: self.rotation.map(Rotation::name),
            grace: self.rotation.map(Rotation::grace),
            refresh_rejected: self.refresh_rejected_status,
            login_lockout: self.login_lockout.map(|option| option.is_on),
            lockout: self.login_lockout.and_then(|option| option.limits),
            device_token_sunset: self.device_token_sunset.as_ref().map(|OrNone(sunset)| *sunset),
            ..Overrides::default()
        }
    }
}

/// A control token that is not empty.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct ControlToken(pub Secret);

impl TryFrom<String> for ControlToken {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.trim().is_empty() {
            Err("the control token must not be empty")
        } else {
            Ok(Self(Secret::new(text.trim())))
        }
    }
}

impl FromStr for ControlToken {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

/// The address to listen on: that of the machine, or `localhost`.
#[derive(Clone, Copy, Debug)]
pub struct ListeningHost(pub IpAddr);

impl FromStr for ListeningHost {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("localhost") {
            return Ok(Self(Ipv4Addr::LOCALHOST.into()));
        }
        text.parse()
            .map(Self)
            .map_err(|_| "must be an address of this machine such as 127.0.0.1, ::1 or 0.0.0.0, or localhost")
    }
}

/// A value, or the word `none`, with which a flag takes back what the environment or the file says.
#[derive(Clone, Debug)]
pub struct OrNone<T>(pub Option<T>);

impl<T> OrNone<T> {
    /// The value; none if the option is absent.
    pub fn value(option: Option<Self>) -> Option<T> {
        option.and_then(|OrNone(value)| value)
    }
}

impl<T: FromStr> FromStr for OrNone<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        if text == "none" { Ok(Self(None)) } else { text.parse().map(Some).map(Self) }
    }
}

/// In the file the value alone.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for OrNone<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Some).map(Self)
    }
}

/// Reads a value that is text in the file.
fn from_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: std::fmt::Display>,
{
    String::deserialize(deserializer)?.parse().map(Some).map_err(D::Error::custom)
}

/// Reads values that are a list of texts in the file.
fn from_texts<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: std::fmt::Display>,
{
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
}
