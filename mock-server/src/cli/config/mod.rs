//! Configuration: a flag beats its environment variable, and that beats the configuration file. The only folder that knows
//! clap, csv and toml.

mod bounds;
mod environment;
mod file;
mod options;
mod users;

use std::env;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand as Clap};
use clap_complete::Shell;
use telematics_contract::Secret;
use telematics_mock_core::control::journal::DEFAULT_SIZE;
use telematics_mock_core::http::{HostName, PublicUrl};
use telematics_mock_core::initial_data::InitialData;
use telematics_mock_core::service::time::Timestamp;
use telematics_mock_core::service::{Overrides, Settings};

use options::{ControlToken, ListeningHost, Options, OrNone};

/// A telematics user service to test against: registration, login, refresh with rotation, and a clock that tests can move.
///
/// The server prints one ready line to standard output, followed by the credentials of the demo instances; with --json all of
/// it is one line of JSON. Logs go to standard error. A flag beats its environment variable, and that beats the configuration
/// file.
#[derive(Parser)]
#[command(name = "telematics-mock", version, max_term_width = 100, after_long_help = bounds::chapter())]
struct CommandLine {
    /// Read options, instances, admins and users from this TOML file; none: from no file [default: telematics-mock.toml in the working directory, if it exists]
    #[arg(long, env = "TELEMATICS_MOCK_CONFIG", value_name = "FILE")]
    config: Option<OrNone<PathBuf>>,

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
        /// The URL of the server [default: the host and the port that the server with the same options listens on]
        #[arg(long, env = "TELEMATICS_MOCK_URL")]
        url: Option<String>,
    },
    /// Write a configuration file with comments, a compose file and a CI workflow to start from
    Init {
        /// The folder
        #[arg(default_value = ".")]
        folder: PathBuf,
        /// Replace files that exist
        #[arg(long)]
        force: bool,
    },
    /// Print the completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// The configuration file that is read if the command line names none.
pub const CONFIG_FILE: &str = "telematics-mock.toml";

/// The folder of control calls that is read if the command line names none: for images.
const INIT_FOLDER: &str = "/etc/telematics-mock/init.d";

/// The port that the server listens on by default.
const DEFAULT_PORT: u16 = 4600;

/// The task that the command line asks for.
#[derive(Debug)]
pub enum Task {
    /// Run the server.
    Serve(Box<Config>),
    /// Ask the server at this URL whether it is ready.
    Healthcheck(String),
    /// Write the files to start from.
    Init {
        /// The folder that they are written to.
        folder: PathBuf,
        /// Whether existing files are replaced.
        force: bool,
    },
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
    /// Whether the addresses of the client and of the server are taken from the `X-Forwarded` headers.
    pub trust_forwarded: bool,
    /// The address of the server as clients reach it.
    pub public_url: Option<PublicUrl>,
    /// The token that control requests must send.
    pub control_token: Option<Secret>,
    /// The hosts that the control API accepts beside the loopback ones.
    pub allowed_hosts: Vec<HostName>,
    /// The folder of control calls that are made before the server is ready.
    pub init: Option<PathBuf>,
    /// The folder of static files.
    pub page: Option<PathBuf>,
    /// Whether the ready line is JSON.
    pub json: bool,
    /// The filter of the log.
    pub log: String,
    /// The instances, admins and users that exist from the start.
    pub initial_data: InitialData,
    /// The configuration file that was read.
    pub file: Option<PathBuf>,
    /// Variables of the environment that look like options and are none.
    pub unknown_variables: Vec<String>,
}

#[cfg(test)]
impl Default for Config {
    fn default() -> Self {
        let none = Some(OrNone(None));
        let options = Options { init: none.clone(), ..Options::default() };
        Self::new(none, options).expect("the defaults are valid")
    }
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
        let arguments: Vec<_> = env::args_os().collect();
        let mut matches = environment::read(CommandLine::command(), &arguments)?;
        let line = CommandLine::from_arg_matches_mut(&mut matches).unwrap_or_else(|error| error.exit());
        let CommandLine { config, options, command } = line;
        match command {
            None => Self::new(config, options).map(Box::new).map(Task::Serve),
            Some(Subcommand::Healthcheck { url: Some(url) }) => Ok(Task::Healthcheck(url)),
            Some(Subcommand::Healthcheck { url: None }) => {
                let (_, options, _) = with_file(config, options)?;
                Ok(Task::Healthcheck(format!("http://{}", reachable(options.listening_address()))))
            }
            Some(Subcommand::Init { folder, force }) => Ok(Task::Init { folder, force }),
            Some(Subcommand::Completions { shell }) => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut CommandLine::command(), "telematics-mock", &mut script);
                Ok(Task::Completions(script))
            }
        }
    }

    fn new(config: Option<OrNone<PathBuf>>, options: Options) -> Result<Self, ConfigError> {
        let (file, options, mut initial_data) = with_file(config, options)?;
        if let Some(path) = &options.users {
            initial_data.import(users::read(path)?);
        }
        let address = options.listening_address();
        if !address.ip().is_loopback() && options.control_token.is_none() && options.allow_host.is_empty() {
            return Err(ConfigError(format!(
                "other machines can reach {host}, so the control API needs a token there; add --control-token, or \
                 --allow-host with the name that clients in a container network use, or listen on 127.0.0.1",
                host = address.ip()
            )));
        }
        Ok(Self {
            host: address.ip(),
            port: address.port(),
            settings: Settings::default().with(&options.settings()),
            given_settings: options.settings(),
            seed: options.seed,
            clock: OrNone::value(options.clock),
            state_file: OrNone::value(options.state_file),
            state_interval: Duration::from_millis(options.state_interval_ms.unwrap_or(2_000)),
            journal_size: options.journal_size.unwrap_or(DEFAULT_SIZE),
            trust_forwarded: options.trust_forwarded.unwrap_or(false),
            public_url: options.public_url,
            control_token: options.control_token.map(|ControlToken(token)| token),
            allowed_hosts: options.allow_host,
            init: match options.init {
                Some(OrNone(folder)) => folder,
                None => Some(PathBuf::from(INIT_FOLDER)).filter(|folder| folder.is_dir()),
            },
            page: OrNone::value(options.page),
            json: options.json.unwrap_or(false),
            log: options.log.unwrap_or_else(|| "info".to_owned()),
            initial_data,
            file,
            unknown_variables: environment::unknown_variables(&CommandLine::command()),
        })
    }
}

impl Options {
    /// The address that a server with these options listens on.
    fn listening_address(&self) -> SocketAddr {
        let ListeningHost(host) = self.host.unwrap_or(ListeningHost(IpAddr::from([127, 0, 0, 1])));
        SocketAddr::new(host, self.port.unwrap_or(DEFAULT_PORT))
    }
}

/// The address by which this machine reaches a server that listens on an address.
pub fn reachable(listening: SocketAddr) -> SocketAddr {
    let host = match listening.ip() {
        IpAddr::V4(host) if host.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(host) if host.is_unspecified() => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
        host @ (IpAddr::V4(_) | IpAddr::V6(_)) => host,
    };
    SocketAddr::new(host, listening.port())
}

/// Completes options by those of the configuration file; returns its path and its initial data as well.
fn with_file(
    config: Option<OrNone<PathBuf>>,
    options: Options,
) -> Result<(Option<PathBuf>, Options, InitialData), ConfigError> {
    let file = match config {
        Some(OrNone(file)) => file,
        None => Some(PathBuf::from(CONFIG_FILE)).filter(|file| file.is_file()),
    };
    match file {
        None => Ok((None, options, InitialData::default())),
        Some(path) => {
            let (of_file, initial_data) = file::read(&path)?;
            Ok((Some(path), options.over(of_file), initial_data))
        }
    }
}

#[cfg(test)]
mod tests;
