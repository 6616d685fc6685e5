//! What the command line and the environment say. The only file that knows clap.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Parser;

use crate::service::Settings;
use crate::service::time::Period;

/// A telematics user service to test against: real users, tokens that expire when you say so, and no secrets to lose.
///
/// Standard output carries one line when the server is ready (and the credentials of its well-known instance below it);
/// everything else goes to standard error.
#[derive(Debug, Parser)]
#[command(name = "telematics-mock", version, max_term_width = 100)]
pub struct Config {
    /// The address to listen on
    #[arg(long, env = "TELEMATICS_MOCK_HOST", default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub host: IpAddr,

    /// The port to listen on; 0 takes a free one
    #[arg(long, env = "TELEMATICS_MOCK_PORT", default_value_t = 4600)]
    pub port: u16,

    /// Lifetime of every access token, such as 2s, 15m, 5d or PT20S [default: 5d from registration, 1d from login and refresh]
    #[arg(long, env = "TELEMATICS_MOCK_ACCESS_TOKEN_TTL", value_name = "DURATION")]
    pub access_token_ttl: Option<Period>,

    /// Lifetime of every refresh token [default: 90d]
    #[arg(long, env = "TELEMATICS_MOCK_REFRESH_TOKEN_TTL", value_name = "DURATION")]
    pub refresh_token_ttl: Option<Period>,

    /// Serve this folder of static files at /, beside the API
    #[arg(long, env = "TELEMATICS_MOCK_PAGE", value_name = "FOLDER")]
    pub page: Option<PathBuf>,

    /// Print the ready line as JSON
    #[arg(long, env = "TELEMATICS_MOCK_JSON")]
    pub json: bool,

    /// What to log to standard error: error, warn, info, debug, trace, or a filter like telematics_mock=debug
    #[arg(long, env = "TELEMATICS_MOCK_LOG", default_value = "info", value_name = "FILTER")]
    pub log: String,
}

impl Config {
    /// What is set about the service; what is not said stays at the contract's default.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let default = Settings::default();
        Settings {
            registration_token: self.access_token_ttl.unwrap_or(default.registration_token),
            login_token: self.access_token_ttl.unwrap_or(default.login_token),
            refresh_token: self.refresh_token_ttl.unwrap_or(default.refresh_token),
            ..default
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_options_are_consistent() {
        Config::command().debug_assert();
    }

    #[test]
    fn one_option_sets_the_lifetime_of_every_access_token() {
        let config = Config::parse_from(["telematics-mock", "--access-token-ttl", "2s"]);
        let settings = config.settings();
        assert_eq!(settings.registration_token, Period::from_seconds(2));
        assert_eq!(settings.login_token, Period::from_seconds(2));
        assert_eq!(settings.refresh_token, Settings::default().refresh_token);
    }

    #[test]
    fn a_duration_that_is_none_is_refused_with_a_sentence() {
        let error = Config::try_parse_from(["telematics-mock", "--refresh-token-ttl", "soon"]).unwrap_err();
        assert!(error.to_string().contains("'soon' is no duration"), "{error}");
    }
}
