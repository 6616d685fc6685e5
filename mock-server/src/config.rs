//! What the command line, the environment and the configuration file say: a flag beats the environment, and that beats the
//! file. The only file that knows clap and toml.

use std::fmt;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, CommandFactory as _, Parser, Subcommand as Clap};
use clap_complete::Shell;
use serde::Deserialize;
use telematics_contract::Secret;

use crate::embedding::JOURNAL_SIZE;
use crate::seeding::Seeding;
use crate::service::Settings;
use crate::service::settings::RefreshRejected;
use crate::service::time::{Period, Timestamp};
use crate::service::tokens::Rotation;

/// A telematics user service to test against: real users, tokens that expire when you say so, and no secrets to lose.
///
/// Standard output carries the ready line (and, for people, the credentials of the well-known identities below it);
/// everything else goes to standard error. A flag beats its environment variable, and that beats the configuration file.
#[derive(Parser)]
#[command(name = "telematics-mock", version, max_term_width = 100)]
struct CommandLine {
    /// A TOML file with the options below as keys, and with instances, admins and users to start with
    #[arg(long, env = "TELEMATICS_MOCK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(flatten)]
    options: Options,

    #[command(subcommand)]
    command: Option<Subcommand>,
}

/// What else the binary can do.
#[derive(Clap)]
enum Subcommand {
    /// Ask a server whether it is ready: exit code 0 if it is, 1 if it is not
    Healthcheck {
        /// Where the server is reached [default: this machine, at the port of --port or TELEMATICS_MOCK_PORT]
        #[arg(long, env = "TELEMATICS_MOCK_URL")]
        url: Option<String>,
    },
    /// Print a script that completes the options in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// The port that is listened on where nothing else is said.
const DEFAULT_PORT: u16 = 4600;

/// What the process was told to do.
#[derive(Debug)]
pub enum Task {
    /// Serve.
    Serve(Box<Config>),
    /// Ask the server at that URL whether it is ready.
    Healthcheck(String),
    /// Print that script.
    Completions(Vec<u8>),
}

/// The options, each of which may be said nowhere.
#[derive(Args, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Options {
    /// The address to listen on; beyond loopback it needs --control-token [default: 127.0.0.1]
    #[arg(long, env = "TELEMATICS_MOCK_HOST", value_name = "ADDRESS")]
    host: Option<IpAddr>,

    /// The port to listen on; 0 takes a free one [default: 4600]
    #[arg(long, env = "TELEMATICS_MOCK_PORT")]
    port: Option<u16>,

    /// Lifetime of every access token: 2s, 15m, 5d or ISO 8601 [default: 5d from registration, 1d from login and refresh]
    #[arg(long, env = "TELEMATICS_MOCK_ACCESS_TOKEN_TTL", value_name = "DURATION")]
    access_token_ttl: Option<Period>,

    /// Lifetime of every refresh token [default: 90d]
    #[arg(long, env = "TELEMATICS_MOCK_REFRESH_TOKEN_TTL", value_name = "DURATION")]
    refresh_token_ttl: Option<Period>,

    /// What becomes of a used refresh token: strict, grace[=10s], reuse or off [default: strict]
    #[arg(long, env = "TELEMATICS_MOCK_ROTATION")]
    rotation: Option<Rotation>,

    /// Lock an address out for an hour after more than five logins a minute [default: false]
    #[arg(long, env = "TELEMATICS_MOCK_LOGIN_LOCKOUT", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    login_lockout: Option<bool>,

    /// What a dead refresh token is answered with: 401 or 400 [default: 401]
    #[arg(long, env = "TELEMATICS_MOCK_REFRESH_REJECTED_STATUS", value_name = "STATUS")]
    refresh_rejected_status: Option<RefreshRejected>,

    /// From when on a device token in the headers is no authentication any more [default: never]
    #[arg(long, env = "TELEMATICS_MOCK_DEVICE_TOKEN_SUNSET", value_name = "TIME")]
    device_token_sunset: Option<Timestamp>,

    /// How long after its exp an access token is still taken [default: 0s]
    #[arg(long, env = "TELEMATICS_MOCK_CLOCK_SKEW", value_name = "DURATION")]
    clock_skew: Option<Period>,

    /// Make tokens and passwords repeatable, and guessable [default: random]
    #[arg(long, env = "TELEMATICS_MOCK_SEED", value_name = "NUMBER")]
    seed: Option<u64>,

    /// Start with the clock frozen at that time, such as 2026-01-01T00:00:00Z [default: real time]
    #[arg(long, env = "TELEMATICS_MOCK_CLOCK", value_name = "TIME")]
    clock: Option<Timestamp>,

    /// Load this snapshot at the start if there is one, write it on exit and every few seconds when changed [default: none]
    #[arg(long, env = "TELEMATICS_MOCK_STATE_FILE", value_name = "FILE")]
    state_file: Option<PathBuf>,

    /// How often it is looked whether the state has changed, in milliseconds [default: 2000]
    #[arg(long, env = "TELEMATICS_MOCK_STATE_INTERVAL_MS", value_name = "MS", hide = true, value_parser = clap::value_parser!(u64).range(1..))]
    state_interval_ms: Option<u64>,

    /// How many requests of each instance the journal remembers; 0 keeps none [default: 10000]
    #[arg(long, env = "TELEMATICS_MOCK_JOURNAL_SIZE", value_name = "ENTRIES")]
    journal_size: Option<usize>,

    /// Believe X-Forwarded-For: only behind a proxy that sets it [default: false]
    #[arg(long, env = "TELEMATICS_MOCK_TRUST_FORWARDED_FOR", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    trust_forwarded_for: Option<bool>,

    /// Where the server is reached, for the URLs of pictures [default: the address]
    #[arg(long, env = "TELEMATICS_MOCK_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,

    /// What control requests must send as Authorization: Bearer … [default: none; loopback only]
    #[arg(long, env = "TELEMATICS_MOCK_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    control_token: Option<ControlToken>,

    /// Serve this folder of static files at /, beside the API [default: none]
    #[arg(long, env = "TELEMATICS_MOCK_PAGE", value_name = "FOLDER")]
    page: Option<PathBuf>,

    /// Print the ready line as JSON [default: false]
    #[arg(long, env = "TELEMATICS_MOCK_JSON", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    json: Option<bool>,

    /// What to log to standard error: error, warn, info, debug, trace, or a filter like telematics_mock=debug [default: info]
    #[arg(long, env = "TELEMATICS_MOCK_LOG", value_name = "FILTER")]
    log: Option<String>,
}

/// A control token that is not empty.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct ControlToken(Secret);

impl TryFrom<String> for ControlToken {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.trim().is_empty() {
            Err("a control token must not be empty")
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

/// What a server is to be like; everything that was not said has its default.
pub struct Config {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// What is set about the service.
    pub settings: Settings,
    /// The number everything random grows from, where it is to be repeatable.
    pub seed: Option<u64>,
    /// The time at which the clock stands still.
    pub clock: Option<Timestamp>,
    /// The file that holds the state.
    pub state_file: Option<PathBuf>,
    /// How often it is looked whether the state has changed.
    pub state_interval: Duration,
    /// How many requests of each instance the journal remembers.
    pub journal_size: usize,
    /// Whether `X-Forwarded-For` is believed.
    pub trust_forwarded_for: bool,
    /// Where the server is reached.
    pub public_url: Option<String>,
    /// What control requests must send.
    pub control_token: Option<Secret>,
    /// A folder of static files.
    pub page: Option<PathBuf>,
    /// Whether the ready line is JSON.
    pub json: bool,
    /// What to log.
    pub log: String,
    /// The instances, admins and users to start with.
    pub seeding: Seeding,
}

impl fmt::Debug for Config {
    // Passwords and keys are in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Config(…)")
    }
}

/// Why a server cannot be as it was asked to be: a sentence for the person who asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl Config {
    /// What the process was told. Ends the process for `--help`, `--version` and a wrong flag.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or says something that cannot be.
    pub fn of_this_process() -> Result<Task, ConfigError> {
        let line = CommandLine::parse();
        match line.command {
            None => Self::of(line).map(Box::new).map(Task::Serve),
            Some(Subcommand::Healthcheck { url }) => {
                let port = line.options.port.unwrap_or(DEFAULT_PORT);
                Ok(Task::Healthcheck(url.unwrap_or_else(|| format!("http://127.0.0.1:{port}"))))
            }
            Some(Subcommand::Completions { shell }) => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut CommandLine::command(), "telematics-mock", &mut script);
                Ok(Task::Completions(script))
            }
        }
    }

    fn of(CommandLine { config, options, .. }: CommandLine) -> Result<Self, ConfigError> {
        let (file, seeding) = match &config {
            Some(path) => read(path)?,
            None => (Options::default(), Seeding::default()),
        };
        let default = Settings::default();
        let access_token = options.access_token_ttl.or(file.access_token_ttl);
        let rejected = options.refresh_rejected_status.or(file.refresh_rejected_status);
        let settings = Settings {
            registration_token: access_token.unwrap_or(default.registration_token),
            login_token: access_token.unwrap_or(default.login_token),
            refresh_token: options.refresh_token_ttl.or(file.refresh_token_ttl).unwrap_or(default.refresh_token),
            clock_skew: options.clock_skew.or(file.clock_skew).unwrap_or(default.clock_skew),
            rotation: options.rotation.or(file.rotation).unwrap_or(default.rotation),
            refresh_rejected: rejected.unwrap_or(default.refresh_rejected),
            login_lockout: options.login_lockout.or(file.login_lockout).unwrap_or(default.login_lockout),
            device_token_sunset: options.device_token_sunset.or(file.device_token_sunset),
        };
        let host = options.host.or(file.host).unwrap_or(IpAddr::from([127, 0, 0, 1]));
        let control_token = options.control_token.or(file.control_token).map(|ControlToken(token)| token);
        if !host.is_loopback() && control_token.is_none() {
            return Err(ConfigError(format!(
                "{host} can be reached from other machines, and the control API must not be without a token there; \
                 add --control-token, or listen on 127.0.0.1"
            )));
        }
        Ok(Self {
            host,
            port: options.port.or(file.port).unwrap_or(DEFAULT_PORT),
            settings,
            seed: options.seed.or(file.seed),
            clock: options.clock.or(file.clock),
            state_file: options.state_file.or(file.state_file),
            state_interval: Duration::from_millis(
                options.state_interval_ms.or(file.state_interval_ms).unwrap_or(2_000),
            ),
            journal_size: options.journal_size.or(file.journal_size).unwrap_or(JOURNAL_SIZE),
            trust_forwarded_for: options.trust_forwarded_for.or(file.trust_forwarded_for).unwrap_or(false),
            public_url: options.public_url.or(file.public_url),
            control_token,
            page: options.page.or(file.page),
            json: options.json.or(file.json).unwrap_or(false),
            log: options.log.or(file.log).unwrap_or_else(|| "info".to_owned()),
            seeding,
        })
    }
}

fn read(path: &Path) -> Result<(Options, Seeding), ConfigError> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| ConfigError(format!("--config {shown}: {error}")))?;
    // A message may quote the line, and the line may hold a key or a password: only where and what is said.
    let wrong = |error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text.get(..span.start).unwrap_or_default().lines().count().max(1));
        ConfigError(format!("--config {shown}, line {line}: {}", error.message()))
    };
    let mut options: toml::Table = toml::from_str(&text).map_err(wrong)?;
    let seeding: toml::Table = Seeding::KEYS.iter().filter_map(|key| options.remove_entry(*key)).collect();
    Ok((options.try_into().map_err(wrong)?, seeding.try_into().map_err(wrong)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(arguments: &[&str]) -> Result<Config, ConfigError> {
        let arguments = std::iter::once("telematics-mock").chain(arguments.iter().copied());
        Config::of(CommandLine::try_parse_from(arguments).unwrap())
    }

    /// A configuration file, gone with the test.
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
    fn what_is_not_said_has_the_default_of_the_contract() {
        let config = config(&[]).unwrap();
        assert_eq!(config.settings, Settings::default());
        assert_eq!((config.host, config.port), (IpAddr::from([127, 0, 0, 1]), 4600));
        assert!(!config.json && !config.trust_forwarded_for);
    }

    #[test]
    fn one_option_sets_the_lifetime_of_every_access_token() {
        let settings = config(&["--access-token-ttl", "2s"]).unwrap().settings;
        assert_eq!(settings.registration_token, Period::from_seconds(2));
        assert_eq!(settings.login_token, Period::from_seconds(2));
        assert_eq!(settings.refresh_token, Settings::default().refresh_token);
    }

    #[test]
    fn every_option_may_stand_in_the_file_and_a_flag_beats_it() {
        let file = TemporaryFile::with(
            "every",
            r#"
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
                control-token = "t"
                page = "/tmp"
                json = true
                log = "debug"
            "#,
        );
        let read = config(&["--config", file.path(), "--rotation", "off", "--login-lockout=false"]).unwrap();
        assert_eq!(read.port, 1);
        assert_eq!(read.settings.rotation, Rotation::Off);
        assert!(!read.settings.login_lockout);
        assert_eq!(read.settings.login_token, Period::from_seconds(3));
        assert_eq!(read.settings.refresh_rejected, RefreshRejected::BadRequest);
        assert_eq!(read.settings.clock_skew, Period::from_seconds(300));
        assert_eq!(read.seed, Some(7));
        assert!(read.json && read.trust_forwarded_for);
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
    fn an_error_in_the_file_never_shows_the_line() {
        let file = TemporaryFile::with("secret", "seed = 1\ncontrol-token = \"canary\nport = 1");
        let error = config(&["--config", file.path()]).unwrap_err().to_string();
        assert!(!error.contains("canary") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn a_value_that_cannot_be_is_refused_with_a_sentence() {
        let refused = |arguments: &[&str]| {
            let arguments = std::iter::once("telematics-mock").chain(arguments.iter().copied());
            CommandLine::try_parse_from(arguments).err().map(|error| error.to_string()).unwrap_or_default()
        };
        assert!(refused(&["--refresh-token-ttl", "soon"]).contains("'soon' is no duration"));
        assert!(refused(&["--rotation", "sometimes"]).contains("strict, grace=10s, reuse or off"));
        assert!(refused(&["--refresh-rejected-status", "500"]).contains("401 or 400"));
        assert!(refused(&["--clock", "noon"]).contains("2021-11-01T00:00:00Z"));
        assert!(refused(&["--control-token", " "]).contains("must not be empty"));
    }

    #[test]
    fn beyond_loopback_the_control_api_needs_a_token() {
        let error = config(&["--host", "0.0.0.0"]).unwrap_err().to_string();
        assert!(error.contains("--control-token"), "{error}");
        assert!(config(&["--host", "0.0.0.0", "--control-token", "t"]).is_ok());
        assert!(config(&["--host", "::1"]).is_ok());
    }
}
