//! The options, on the command line, in the environment and in the configuration file alike.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use telematics_contract::Secret;
use telematics_mock_core::service::Overrides;
use telematics_mock_core::service::lockout_limits::LockoutOption;
use telematics_mock_core::service::refusal::RefreshRejected;
use telematics_mock_core::service::rotation::Rotation;
use telematics_mock_core::service::time::{Period, Timestamp};

/// The options; each may be absent.
#[derive(Args, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Options {
    /// Listen on this address; an address beyond loopback needs --control-token [default: 127.0.0.1]
    #[arg(long, env = "TELEMATICS_MOCK_HOST", value_name = "ADDRESS")]
    pub host: Option<IpAddr>,

    /// Listen on this port; 0 takes a free one [default: 4600]
    #[arg(long, env = "TELEMATICS_MOCK_PORT")]
    pub port: Option<u16>,

    /// Lifetime of access tokens, for example 2s, 15m, 5d or P1DT2H [default: 5d after registration, 1d after login and refresh]
    #[arg(long, env = "TELEMATICS_MOCK_ACCESS_TOKEN_TTL", value_name = "DURATION")]
    pub access_token_ttl: Option<Period>,

    /// Lifetime of refresh tokens [default: 90d]
    #[arg(long, env = "TELEMATICS_MOCK_REFRESH_TOKEN_TTL", value_name = "DURATION")]
    pub refresh_token_ttl: Option<Period>,

    /// Rotation of refresh tokens: strict, grace[=10s], reuse or off; or that of another service: hydra-grace[=10s], supabase[=10s] or keycloak [default: strict]
    #[arg(long, env = "TELEMATICS_MOCK_ROTATION")]
    pub rotation: Option<Rotation>,

    /// Lock an address out for an hour after more than five logins in a minute, an hour or a day: true, false, 5-per-minute, 5-per-hour or 5-per-day [default: false]
    #[arg(long, env = "TELEMATICS_MOCK_LOGIN_LOCKOUT", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "LIMITS")]
    pub login_lockout: Option<LockoutOption>,

    /// Status of the answer to a refresh token that is used, superseded, revoked or expired: 401 or 400 [default: 401]
    #[arg(long, env = "TELEMATICS_MOCK_REFRESH_REJECTED_STATUS", value_name = "STATUS")]
    pub refresh_rejected_status: Option<RefreshRejected>,

    /// Stop accepting a device token in the headers as authentication at this time [default: never]
    #[arg(long, env = "TELEMATICS_MOCK_DEVICE_TOKEN_SUNSET", value_name = "TIME")]
    pub device_token_sunset: Option<Timestamp>,

    /// Accept an access token for this long after it has expired [default: 0s]
    #[arg(long, env = "TELEMATICS_MOCK_CLOCK_SKEW", value_name = "DURATION")]
    pub clock_skew: Option<Period>,

    /// Make tokens and passwords repeatable, and therefore guessable [default: random]
    #[arg(long, env = "TELEMATICS_MOCK_SEED", value_name = "NUMBER")]
    pub seed: Option<u64>,

    /// Start with the clock frozen at this time, for example 2026-01-01T00:00:00Z [default: real time]
    #[arg(long, env = "TELEMATICS_MOCK_CLOCK", value_name = "TIME")]
    pub clock: Option<Timestamp>,

    /// Add the users of this file at the start: a JSON array of fixtures (.json) or a table with their names (.csv) [default: none]
    // In the configuration file, `users` is the table of the users themselves.
    #[serde(rename = "users-file")]
    #[arg(long, env = "TELEMATICS_MOCK_USERS", value_name = "FILE")]
    pub users: Option<PathBuf>,

    /// Keep the state in this file: load it at the start, write it on exit and every few seconds after a change [default: none]
    #[arg(long, env = "TELEMATICS_MOCK_STATE_FILE", value_name = "FILE")]
    pub state_file: Option<PathBuf>,

    /// Look for changes of the state at this interval, in milliseconds [default: 2000]
    #[arg(long, env = "TELEMATICS_MOCK_STATE_INTERVAL_MS", value_name = "MS", hide = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub state_interval_ms: Option<u64>,

    /// Keep this number of requests of each instance in the journal; 0 keeps none [default: 10000]
    #[arg(long, env = "TELEMATICS_MOCK_JOURNAL_SIZE", value_name = "ENTRIES")]
    pub journal_size: Option<usize>,

    /// Take the client's address from X-Forwarded-For; use it only behind a proxy that sets the header [default: false]
    #[arg(long, env = "TELEMATICS_MOCK_TRUST_FORWARDED_FOR", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub trust_forwarded_for: Option<bool>,

    /// The address of the server as clients reach it, for the URLs of pictures [default: http://, host and port]
    #[arg(long, env = "TELEMATICS_MOCK_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,

    /// The token that control requests must send as Authorization: Bearer [default: none; control requests only from loopback]
    #[arg(long, env = "TELEMATICS_MOCK_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub control_token: Option<ControlToken>,

    /// Serve the static files of this folder at the paths that are not the mock's [default: none]
    #[arg(long, env = "TELEMATICS_MOCK_PAGE", value_name = "FOLDER")]
    pub page: Option<PathBuf>,

    /// Print the ready line as JSON [default: false]
    #[arg(long, env = "TELEMATICS_MOCK_JSON", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub json: Option<bool>,

    /// Log to standard error: error, warn, info, debug, trace, or a filter such as telematics_mock=debug [default: info]
    #[arg(long, env = "TELEMATICS_MOCK_LOG", value_name = "FILTER")]
    pub log: Option<String>,
}

impl Options {
    /// These options over those of the file: an option that is absent here is taken from there.
    #[must_use]
    pub fn over(self, file: Self) -> Self {
        Self {
            host: self.host.or(file.host),
            port: self.port.or(file.port),
            access_token_ttl: self.access_token_ttl.or(file.access_token_ttl),
            refresh_token_ttl: self.refresh_token_ttl.or(file.refresh_token_ttl),
            rotation: self.rotation.or(file.rotation),
            login_lockout: self.login_lockout.or(file.login_lockout),
            refresh_rejected_status: self.refresh_rejected_status.or(file.refresh_rejected_status),
            device_token_sunset: self.device_token_sunset.or(file.device_token_sunset),
            clock_skew: self.clock_skew.or(file.clock_skew),
            seed: self.seed.or(file.seed),
            clock: self.clock.or(file.clock),
            users: self.users.or(file.users),
            state_file: self.state_file.or(file.state_file),
            state_interval_ms: self.state_interval_ms.or(file.state_interval_ms),
            journal_size: self.journal_size.or(file.journal_size),
            trust_forwarded_for: self.trust_forwarded_for.or(file.trust_forwarded_for),
            public_url: self.public_url.or(file.public_url),
            control_token: self.control_token.or(file.control_token),
            page: self.page.or(file.page),
            json: self.json.or(file.json),
            log: self.log.or(file.log),
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
            device_token_sunset: self.device_token_sunset.map(Some),
            ..Overrides::default()
        }
    }
}

/// A control token that is not empty.
#[derive(Clone, Debug, Deserialize)]
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

impl std::str::FromStr for ControlToken {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}
