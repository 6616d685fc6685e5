//! Tests of the configuration.

use super::*;
use crate::memory::MemoryFiles;
use telematics_mock_core::service::lockout_limits::LockoutLimits;
use telematics_mock_core::service::refusal::RefreshRejected;
use telematics_mock_core::service::rotation::Rotation;
use telematics_mock_core::service::time::Period;

/// What a command line and variables of the environment ask for, on a machine with these files.
fn task(files: &MemoryFiles, arguments: &[&str], variables: &[(&str, &str)]) -> Result<Task, ConfigError> {
    let invocation = Invocation {
        arguments: std::iter::once("telematics-mock").chain(arguments.iter().copied()).map(OsString::from).collect(),
        variables: variables.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect(),
        colours: Colours::default(),
    };
    Task::of(&invocation, files)
}

fn config_of(files: &MemoryFiles, arguments: &[&str], variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let task = task(files, arguments, variables)?;
    let Task::Serve(config) = task else { panic!("{task:?}") };
    Ok(*config)
}

fn config(arguments: &[&str]) -> Result<Config, ConfigError> {
    config_of(&MemoryFiles::default(), arguments, &[])
}

/// The configuration of a file, and of flags.
fn config_with(file: &str, arguments: &[&str]) -> Result<Config, ConfigError> {
    let files = MemoryFiles::with("mock.toml", file).and("users.json", "[{}]");
    config_of(&files, &[&["--config", "mock.toml"], arguments].concat(), &[])
}

/// What is printed for a command line.
fn printed(arguments: &[&str]) -> Printed {
    let task = task(&MemoryFiles::default(), arguments, &[]).unwrap();
    let Task::Print(printed) = task else { panic!("{task:?}") };
    printed
}

#[test]
fn the_options_are_consistent() {
    CommandLine::command().debug_assert();
}

#[test]
fn every_option_has_an_environment_variable_and_a_default_in_its_help() {
    let command = CommandLine::command();
    let all = printed(&["--help"]).text;
    for option in command.get_arguments() {
        let name = option.get_long().expect("a long name");
        let help = option.get_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.contains("[default: "), "--{name}: {help}");
        let variable = format!("[env: TELEMATICS_MOCK_{}=]", name.replace('-', "_").to_uppercase());
        assert!(all.contains(&variable) || option.is_hide_set(), "--{name}: {all}");
    }
    assert!(printed(&["healthcheck", "--help"]).text.contains("[env: TELEMATICS_MOCK_URL=]"));
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
    let text = r#"
                users-file = "users.json"
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
            "#;
    let read = config_with(text, &["--rotation", "off", "--login-lockout=false"]).unwrap();
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
        let error = config_with(text, &[]).unwrap_err().to_string();
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
        let error = config_with(text, &[]).unwrap_err().to_string();
        assert!(error.contains(&format!("line {line}:")), "{text}: {error}");
    }
}

#[test]
fn a_flag_takes_back_what_the_file_says() {
    let text = "clock = \"2026-01-01T00:00:00Z\"\nstate-file = \"a\"\npage = \"b\"\ndevice-token-sunset = \"2027-01-01T00:00:00Z\"";
    let read = config_with(text, &[]).unwrap();
    assert!(read.clock.is_some() && read.state_file.is_some() && read.page.is_some());
    assert!(read.settings.device_token_sunset.is_some());
    let flags = ["--clock", "none", "--state-file", "none", "--page", "none", "--device-token-sunset", "none"];
    let read = config_with(text, &flags).unwrap();
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
    let text = "seed = 1\ncontrol-token = \"canary\nport = 1";
    let error = config_with(text, &[]).unwrap_err().to_string();
    assert!(!error.contains("canary") && error.contains("line 2"), "{error}");
}

#[test]
fn an_invalid_value_is_refused_with_a_sentence() {
    let refused = |arguments: &[&str]| {
        let Printed { text, to_standard_error, code } = printed(arguments);
        assert_eq!((to_standard_error, code), (true, 2), "{text}");
        text
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
    let text = "login-lockout = \"5-per-hour\"";
    let read = config_with(text, &[]).unwrap();
    assert_eq!((read.settings.login_lockout, read.settings.lockout), (true, LockoutLimits::FIVE_PER_HOUR));
}

#[test]
fn a_flag_beats_its_variable_and_that_beats_the_file() {
    let files = MemoryFiles::with(CONFIG_FILE, "port = 1\nseed = 1\nclock = \"2026-01-01T00:00:00Z\"");
    let variables = [("TELEMATICS_MOCK_PORT", "2"), ("TELEMATICS_MOCK_SEED", "2"), ("TELEMATICS_MOCK_CLOCK", "none")];
    let read = config_of(&files, &["--port", "3"], &variables).unwrap();
    assert_eq!((read.port, read.seed, read.clock), (3, Some(2), None));
    let config = MemoryFiles::with("other.toml", "port = 4");
    let read = config_of(&config, &[], &[("TELEMATICS_MOCK_CONFIG", "other.toml")]).unwrap();
    assert_eq!(read.port, 4);
}

#[test]
fn variables_are_read_like_flags_and_empty_ones_count_as_not_set() {
    let variables = [
        ("TELEMATICS_MOCK_JSON", "yes"),
        ("TELEMATICS_MOCK_TRUST_FORWARDED_FOR", "1"),
        ("TELEMATICS_MOCK_ALLOW_HOST", "user-service,mock"),
        ("TELEMATICS_MOCK_SEED", ""),
        ("TELEMATICS_MOCK_SEDE", "7"),
        ("TELEMATICS_MOCK_BIN", "elsewhere"),
    ];
    let read = config_of(&MemoryFiles::default(), &[], &variables).unwrap();
    assert!(read.json && read.trust_forwarded);
    assert_eq!((read.allowed_hosts.len(), read.seed), (2, None));
    assert_eq!(read.unknown_variables, ["TELEMATICS_MOCK_SEDE"]);
    let both = [("TELEMATICS_MOCK_TRUST_FORWARDED", "no"), ("TELEMATICS_MOCK_TRUST_FORWARDED_FOR", "yes")];
    assert!(!config_of(&MemoryFiles::default(), &[], &both).unwrap().trust_forwarded);
}

#[test]
fn an_error_in_a_variable_names_the_variable_unless_a_flag_beats_it() {
    let variables = [("TELEMATICS_MOCK_ROTATION", "sometimes")];
    let error = config_of(&MemoryFiles::default(), &[], &variables).unwrap_err().to_string();
    assert!(error.starts_with("TELEMATICS_MOCK_ROTATION: invalid value 'sometimes'"), "{error}");
    assert!(config_of(&MemoryFiles::default(), &["--rotation", "off"], &variables).is_ok());
}

#[test]
fn the_health_check_asks_where_the_server_with_the_same_options_listens() {
    let url = |arguments: &[&str], variables: &[(&str, &str)]| {
        let files = MemoryFiles::with("mock.toml", "host = \"127.0.0.2\"\nport = 7");
        let task = task(&files, arguments, variables).unwrap();
        let Task::Healthcheck(check) = task else { panic!("{task:?}") };
        check
    };
    let expected = |url: &str| Healthcheck::new(url).unwrap();
    assert_eq!(url(&["healthcheck"], &[]), expected("http://127.0.0.1:4600"));
    assert_eq!(url(&["--config", "mock.toml", "healthcheck"], &[]), expected("http://127.0.0.2:7"));
    assert_eq!(url(&["healthcheck"], &[("TELEMATICS_MOCK_PORT", "8")]), expected("http://127.0.0.1:8"));
    let named = [("TELEMATICS_MOCK_URL", "http://mock:9")];
    assert_eq!(url(&["healthcheck"], &named), expected("http://mock:9"));
    assert_eq!(url(&["healthcheck", "--url", "http://other:9"], &named), expected("http://other:9"));
}

#[test]
fn the_version_and_scripts_go_to_standard_output() {
    let version = format!("telematics-mock {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(printed(&["--version"]), Printed::result(version));
    assert!(printed(&["completions", "bash"]).text.contains("--access-token-ttl"));
}

#[test]
fn exec_takes_the_options_of_the_server_before_and_after_its_name_and_a_free_port_unless_one_is_named() {
    let exec = |arguments: &[&str], variables: &[(&str, &str)]| {
        let task = task(&MemoryFiles::with(CONFIG_FILE, "port = 4600\nseed = 3"), arguments, variables).unwrap();
        let Task::Exec(exec) = task else { panic!("{task:?}") };
        *exec
    };
    let plain = exec(&["exec", "--", "npm", "test", "--port", "1"], &[]);
    assert_eq!((plain.program, plain.arguments), ("npm".into(), ["test", "--port", "1"].map(OsString::from).into()));
    assert_eq!((plain.config.port, plain.config.seed, plain.config.log()), (0, Some(3), "warn"));
    let named = exec(&["--port", "1", "--seed", "1", "exec", "--port", "2", "--log", "info", "--", "true"], &[]);
    assert_eq!((named.config.port, named.config.seed, named.config.log()), (2, Some(1), "info"));
    let by_variable = exec(
        &["exec", "--seed", "5", "--", "true"],
        &[("TELEMATICS_MOCK_PORT", "7"), ("TELEMATICS_MOCK_SEED", "wrong, but a flag beats it")],
    );
    assert_eq!((by_variable.config.port, by_variable.config.seed), (7, Some(5)));
    let advised =
        exec(&["exec", "--advice", "a.xml", "--advice=b.sarif", "--fail-on-advice", "--", "true"], &[]).advice;
    assert_eq!((advised.files.len(), advised.fails), (2, true));
    let refused = printed(&["exec", "--advice", "advice.txt", "--", "true"]);
    assert!(refused.code == 2 && refused.text.contains("must end with .sarif"), "{}", refused.text);
    let sourced = exec(&["exec", "--advice=b.sarif", "--advice-source", "src/api.js", "--", "true"], &[]).advice;
    assert_eq!(sourced.source.as_deref(), Some("src/api.js"));
    let refused = printed(&["exec", "--advice=b.sarif", "--advice-source", "/src/api.js", "--", "true"]);
    assert!(refused.code == 2 && refused.text.contains("relative to the repository"), "{}", refused.text);
    let useless = printed(&["exec", "--advice=a.xml", "--advice-source", "src/api.js", "--", "true"]);
    assert!(useless.code == 2 && useless.text.contains("only with SARIF"), "{}", useless.text);
    for wrong in [&["exec"][..], &["exec", "npm", "test"], &["exec", "--"]] {
        let Printed { text, code, .. } = printed(wrong);
        assert!(code == 2 && text.contains(" -- <COMMAND>..."), "{wrong:?}: {text}");
    }
    let help = printed(&["exec", "--help"]).text;
    assert!(help.contains("[default: strict] [env: TELEMATICS_MOCK_ROTATION=]"), "{help}");
    assert!(help.contains("[default: 0] [env: TELEMATICS_MOCK_PORT=]") && help.contains("[default: warn]"), "{help}");
    assert!(!help.contains("--json"), "{help}");
}
