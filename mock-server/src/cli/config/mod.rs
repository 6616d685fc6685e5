//! Configuration: a flag beats its environment variable, and that beats the configuration file. The only folder that knows
//! clap, csv and toml.

mod options;
mod users;

use std::fmt;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{CommandFactory as _, Parser, Subcommand as Clap};
use clap_complete::Shell;
use telematics_contract::Secret;
use telematics_mock_core::control::journal::DEFAULT_SIZE;
use telematics_mock_core::initial_data::InitialData;
use telematics_mock_core::service::time::Timestamp;
use telematics_mock_core::service::{Overrides, Settings};

use options::{ControlToken, Options};

/// A telematics user service to test against: registration, login, refresh with rotation, and a clock that tests can move.
///
/// The server prints one ready line to standard output, followed by the credentials of the demo instances; with --json all of
/// it is one line of JSON. Logs go to standard error. A flag beats its environment variable, and that beats the configuration
/// file.
#[derive(Parser)]
#[command(name = "telematics-mock", version, max_term_width = 100)]
struct CommandLine {
    /// Read options, instances, admins and users from this TOML file
    #[arg(long, env = "TELEMATICS_MOCK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(flatten)]
    options: Options,

    #[command(subcommand)]
    command: Option<Subcommand>,
}

/// The other tasks of the binary.
#[derive(Clap)]
enum Subcommand {
    /// Ask a server whether it is ready; exit with code 0 if it is, with 1 if it is not
    Healthcheck {
        /// The URL of the server [default: this machine, with the port of --port or TELEMATICS_MOCK_PORT]
        #[arg(long, env = "TELEMATICS_MOCK_URL")]
        url: Option<String>,
    },
    /// Print the completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// The port that the server listens on by default.
const DEFAULT_PORT: u16 = 4600;

/// The task that the command line asks for.
#[derive(Debug)]
pub enum Task {
    /// Run the server.
    Serve(Box<Config>),
    /// Ask the server at this URL whether it is ready.
    Healthcheck(String),
    /// Print this script.
    Completions(Vec<u8>),
}

/// The configuration of a server, with a default for everything that was not given.
pub struct Config {
    /// The address that the server listens on.
    pub host: IpAddr,
    /// The port that the server listens on; 0 takes a free one.
    pub port: u16,
    /// The settings of the service.
    pub settings: Settings,
    /// The settings that were given; they beat those of a state file.
    pub given_settings: Overrides,
    /// The seed of everything random; `None` for one that nobody can guess.
    pub seed: Option<u64>,
    /// The time at which the clock stands still; `None` for real time.
    pub clock: Option<Timestamp>,
    /// The file that keeps the state.
    pub state_file: Option<PathBuf>,
    /// The interval between two looks for changes of the state.
    pub state_interval: Duration,
    /// The number of requests that the journal keeps for each instance.
    pub journal_size: usize,
    /// Whether the client's address is taken from `X-Forwarded-For`.
    pub trust_forwarded_for: bool,
    /// The address of the server as clients reach it.
    pub public_url: Option<String>,
    /// The token that control requests must send.
    pub control_token: Option<Secret>,
    /// The folder of static files.
    pub page: Option<PathBuf>,
    /// Whether the ready line is JSON.
    pub json: bool,
    /// The filter of the log.
    pub log: String,
    /// The instances, admins and users that exist from the start.
    pub initial_data: InitialData,
}

impl fmt::Debug for Config {
    // It contains passwords and keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Config(…)")
    }
}

/// A configuration that cannot be used: a sentence for the person who wrote it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl Config {
    /// Reads the command line, the environment and the configuration file of this process. Ends the process for `--help`,
    /// `--version` and a wrong flag.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or an option is invalid.
    pub fn of_this_process() -> Result<Task, ConfigError> {
        let line = CommandLine::parse();
        match line.command {
            None => Self::new(line).map(Box::new).map(Task::Serve),
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

    fn new(CommandLine { config, options, .. }: CommandLine) -> Result<Self, ConfigError> {
        let (file, mut initial_data) = match &config {
            Some(path) => read(path)?,
            None => (Options::default(), InitialData::default()),
        };
        let options = options.over(file);
        if let Some(path) = &options.users {
            initial_data.import(users::read(path)?);
        }
        let host = options.host.unwrap_or(IpAddr::from([127, 0, 0, 1]));
        if !host.is_loopback() && options.control_token.is_none() {
            return Err(ConfigError(format!(
                "other machines can reach {host}, so the control API needs a token there; add --control-token, or listen \
                 on 127.0.0.1"
            )));
        }
        Ok(Self {
            host,
            port: options.port.unwrap_or(DEFAULT_PORT),
            settings: Settings::default().with(&options.settings()),
            given_settings: options.settings(),
            seed: options.seed,
            clock: options.clock,
            state_file: options.state_file,
            state_interval: Duration::from_millis(options.state_interval_ms.unwrap_or(2_000)),
            journal_size: options.journal_size.unwrap_or(DEFAULT_SIZE),
            trust_forwarded_for: options.trust_forwarded_for.unwrap_or(false),
            public_url: options.public_url,
            control_token: options.control_token.map(|ControlToken(token)| token),
            page: options.page,
            json: options.json.unwrap_or(false),
            log: options.log.unwrap_or_else(|| "info".to_owned()),
            initial_data,
        })
    }
}

fn read(path: &Path) -> Result<(Options, InitialData), ConfigError> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| ConfigError(format!("--config {shown}: {error}")))?;
    // A message of the parser may quote the line, and the line may contain a key or a password.
    let wrong = |error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text.get(..span.start).unwrap_or_default().lines().count().max(1));
        ConfigError(format!("--config {shown}, line {line}: {}", error.message()))
    };
    let mut options: toml::Table = toml::from_str(&text).map_err(wrong)?;
    let initial_data: toml::Table = InitialData::KEYS.iter().filter_map(|key| options.remove_entry(*key)).collect();
    Ok((options.try_into().map_err(wrong)?, initial_data.try_into().map_err(wrong)?))
}

#[cfg(test)]
mod tests;
