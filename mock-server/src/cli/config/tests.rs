//! Tests of the configuration.

use std::fs;

use super::*;
use telematics_mock_core::service::lockout_limits::LockoutLimits;
use telematics_mock_core::service::refusal::RefreshRejected;
use telematics_mock_core::service::rotation::Rotation;
use telematics_mock_core::service::time::Period;

fn config(arguments: &[&str]) -> Result<Config, ConfigError> {
    let arguments = std::iter::once("telematics-mock").chain(arguments.iter().copied());
    let CommandLine { config, options, .. } = CommandLine::try_parse_from(arguments).unwrap();
    Config::new(config, options)
}

/// A configuration file, removed at the end of the test.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn with(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("telematics-mock-{}-{name}.toml", std::process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn the_options_are_consistent() {
    CommandLine::command().debug_assert();
}

#[test]
fn every_option_has_an_environment_variable_and_a_default_in_its_help() {
    let command = CommandLine::command();
    for option in command.get_arguments() {
        let name = option.get_long().expect("a long name");
        let variable = format!("TELEMATICS_MOCK_{}", name.replace('-', "_").to_uppercase());
        assert_eq!(option.get_env().and_then(|env| env.to_str()), Some(variable.as_str()), "--{name}");
        let help = option.get_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.contains("[default: "), "--{name}: {help}");
    }
}

#[test]
fn without_options_the_settings_are_the_defaults_of_the_contract() {
    let config = config(&[]).unwrap();
    assert_eq!(config.settings, Settings::default());
    assert_eq!((config.host, config.port), (IpAddr::from([127, 0, 0, 1]), 4600));
    assert!(!config.json && !config.trust_forwarded);
}

#[test]
fn one_option_sets_the_lifetime_of_every_access_token() {
    let settings = config(&["--access-token-ttl", "2s"]).unwrap().settings;
    assert_eq!(settings.registration_token, Period::from_seconds(2));
    assert_eq!(settings.login_token, Period::from_seconds(2));
    assert_eq!(settings.refresh_token, Settings::default().refresh_token);
}

#[test]
fn every_option_is_also_a_key_of_the_file_and_a_flag_beats_it() {
    // The name of a file of users tells its format.
    let users = TemporaryFile(std::env::temp_dir().join(format!("telematics-mock-{}.json", std::process::id())));
    fs::write(&users.0, "[{}]").unwrap();
    let text = format!(
        r#"
                users-file = "{}"
                host = "127.0.0.2"
                port = 1
                access-token-ttl = "3s"
                refresh-token-ttl = "1h"
                rotation = "grace=5s"
                login-lockout = true
                refresh-rejected-status = 400
                device-token-sunset = "2027-01-01T00:00:00Z"
                clock-skew = "5m"
                seed = 7
                clock = "2026-01-01T00:00:00Z"
                state-file = "/tmp/state.json"
                journal-size = 5
                trust-forwarded-for = true
                public-url = "http://mock.example"
                allow-host = ["user-service", "10.0.2.2"]
                init = "/tmp"
                control-token = "t"
                page = "/tmp"
                json = true
                log = "debug"
            "#,
        users.path()
    );
    let file = TemporaryFile::with("every", &text);
    let read = config(&["--config", file.path(), "--rotation", "off", "--login-lockout=false"]).unwrap();
    assert_eq!(read.port, 1);
    assert_eq!(read.settings.rotation, Rotation::Off);
    assert!(!read.settings.login_lockout);
    assert_eq!(read.settings.login_token, Period::from_seconds(3));
    assert_eq!(read.settings.refresh_rejected, RefreshRejected::BadRequest);
    assert_eq!(read.settings.clock_skew, Period::from_seconds(300));
    assert_eq!(read.seed, Some(7));
    assert!(read.json && read.trust_forwarded);
}

#[test]
fn an_unknown_key_is_an_error_that_names_it() {
    for text in ["prot = 4600", "[[instances]]\nid = \"11111111-1111-4111-8111-111111111112\"\nkee = \"x\""] {
        let file = TemporaryFile::with("unknown", text);
        let error = config(&["--config", file.path()]).unwrap_err().to_string();
        assert!(error.contains("prot") || error.contains("kee"), "{error}");
    }
}

#[test]
fn an_error_in_the_file_names_its_line() {
    for (text, line) in [
        ("seed = 1\n\nrotation = \"sometimes\"", 3),
        ("\n\n\nprot = 1", 4),
        ("seed = 1\nport = \"x\"", 2),
        ("seed = 1\npublic-url = \"javascript:alert(1)\"", 2),
        ("[[instances]]\nid = \"a\"\nkey = \"b\"\ninvite-code = \"c\"\nnmae = \"d\"", 5),
        ("seed = 1\n\n[[users]]\ninvite-code = \"A\"\nfirst-nam = \"Ada\"", 5),
        ("seed = 1\n[[users]]\ninvite-code = 7", 3),
        ("seed = \"", 1),
    ] {
        let file = TemporaryFile::with("line", text);
        let error = config(&["--config", file.path()]).unwrap_err().to_string();
        assert!(error.contains(&format!("line {line}:")), "{text}: {error}");
    }
}

#[test]
fn a_flag_takes_back_what_the_file_says() {
    let text = "clock = \"2026-01-01T00:00:00Z\"\nstate-file = \"a\"\npage = \"b\"\ndevice-token-sunset = \"2027-01-01T00:00:00Z\"";
    let file = TemporaryFile::with("none", text);
    let read = config(&["--config", file.path()]).unwrap();
    assert!(read.clock.is_some() && read.state_file.is_some() && read.page.is_some());
    assert!(read.settings.device_token_sunset.is_some());
    let flags = ["--clock", "none", "--state-file", "none", "--page", "none", "--device-token-sunset", "none"];
    let read = config(&[&["--config", file.path()], &flags[..]].concat()).unwrap();
    assert!(read.clock.is_none() && read.state_file.is_none() && read.page.is_none());
    assert!(read.settings.device_token_sunset.is_none());
}

#[test]
fn a_boolean_is_written_as_in_the_shell() {
    for yes in ["true", "TRUE", "1", "yes", "on"] {
        assert!(config(&[&format!("--json={yes}")]).unwrap().json, "{yes}");
    }
    for no in ["false", "0", "no", "OFF"] {
        assert!(!config(&[&format!("--json={no}")]).unwrap().json, "{no}");
    }
}

#[test]
fn localhost_is_an_address_to_listen_on() {
    assert!(config(&["--host", "localhost"]).unwrap().host.is_loopback());
}

#[test]
fn an_error_in_the_file_never_quotes_the_line() {
    let file = TemporaryFile::with("secret", "seed = 1\ncontrol-token = \"canary\nport = 1");
    let error = config(&["--config", file.path()]).unwrap_err().to_string();
    assert!(!error.contains("canary") && error.contains("line 2"), "{error}");
}

#[test]
fn an_invalid_value_is_refused_with_a_sentence() {
    let refused = |arguments: &[&str]| {
        let arguments = std::iter::once("telematics-mock").chain(arguments.iter().copied());
        CommandLine::try_parse_from(arguments).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert!(refused(&["--refresh-token-ttl", "soon"]).contains("'soon' is not a valid duration"));
    assert!(refused(&["--login-lockout=6-per-day"]).contains("true, false, 5-per-minute, 5-per-hour or 5-per-day"));
    assert!(refused(&["--rotation", "sometimes"]).contains("strict, grace=10s, reuse, off, hydra-grace=10s"));
    assert!(refused(&["--refresh-rejected-status", "500"]).contains("401 or 400"));
    assert!(refused(&["--clock", "noon"]).contains("2021-11-01T00:00:00Z"));
    assert!(refused(&["--control-token", " "]).contains("must not be empty"));
    assert!(refused(&["--host", "example.com"]).contains("or localhost"));
    assert!(refused(&["--allow-host", "http://a"]).contains("is not the name or the address of a host"));
    assert!(refused(&["--public-url", "javascript:alert(1)//"]).contains("with http or https"));
}

#[test]
fn beyond_loopback_the_control_api_needs_a_token() {
    let error = config(&["--host", "0.0.0.0"]).unwrap_err().to_string();
    assert!(error.contains("--control-token"), "{error}");
    assert!(config(&["--host", "0.0.0.0", "--control-token", "t"]).is_ok());
    assert!(config(&["--host", "::1"]).is_ok());
    let names = config(&["--host", "0.0.0.0", "--allow-host", "user-service,mock", "--allow-host", "10.0.2.2"]);
    assert_eq!(names.unwrap().allowed_hosts.len(), 3);
}

#[test]
fn the_lockout_is_switched_on_with_the_limits_of_one_of_the_vendors_documents() {
    let settings = |option: &str| config(&[option]).unwrap().settings;
    assert_eq!(settings("--login-lockout").lockout, LockoutLimits::FIVE_PER_MINUTE);
    for (name, limits) in [
        ("5-per-minute", LockoutLimits::FIVE_PER_MINUTE),
        ("5-per-hour", LockoutLimits::FIVE_PER_HOUR),
        ("5-per-day", LockoutLimits::FIVE_PER_DAY),
    ] {
        let read = settings(&format!("--login-lockout={name}"));
        assert_eq!((read.login_lockout, read.lockout), (true, limits), "{name}");
    }
    let file = TemporaryFile::with("lockout", "login-lockout = \"5-per-hour\"");
    let read = config(&["--config", file.path()]).unwrap();
    assert_eq!((read.settings.login_lockout, read.settings.lockout), (true, LockoutLimits::FIVE_PER_HOUR));
}
