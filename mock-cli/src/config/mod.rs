//! Configuration: a flag beats its environment variable, and that beats the configuration file. The only folder that knows
//! clap, csv and toml.

mod environment;
mod file;
mod options;
mod users;

use std::ffi::OsString;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::StyledStr;
use clap::error::ErrorKind;
use clap::{Arg, Args, Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand as Clap};
use clap_complete::Shell;
use telematics_contract::Secret;
use telematics_mock_core::control::journal::DEFAULT_SIZE;
use telematics_mock_core::http::{HostName, PublicUrl};
use telematics_mock_core::initial_data::InitialData;
use telematics_mock_core::service::time::Timestamp;
use telematics_mock_core::service::{Overrides, Settings};

use crate::advice::{self, AdviceFile, Wanted};
use crate::bounds;
use crate::exec::Exec;
use crate::files::Files;
use crate::healthcheck::Healthcheck;
use crate::listening::reachable;
use crate::printed::Printed;

use environment::{URL, Variables};
use options::{ControlToken, ListeningHost, Options, OrNone};

/// A telematics user service to test against: registration, login, refresh with rotation, and a clock that tests can move.
///
/// The server prints one ready line to standard output, followed by the credentials of the demo instances; with --json all of
/// it is one line of JSON. Logs go to standard error. A flag beats its environment variable, and that beats the configuration
/// file.
#[derive(Parser)]
#[command(name = "telematics-mock", version, max_term_width = 100, after_long_help = bounds::chapter())]
struct CommandLine {
    #[command(flatten)]
    server: ServerOptions,

    #[command(subcommand)]
    command: Option<Subcommand>,
}

/// The options of a server, and the configuration file with further ones.
#[derive(Args, Default)]
struct ServerOptions {
    /// Read options, instances, admins and users from this TOML file; none: from no file [default: telematics-mock.toml in the working directory, if it exists]
    #[arg(long, value_name = "FILE")]
    config: Option<OrNone<PathBuf>>,

    #[command(flatten)]
    options: Options,
}

/// The other tasks of the binary.
#[derive(Clap)]
enum Subcommand {
    /// Run a command with a server of its own on a free port, and exit with the command's code
    ///
    /// The command finds the server in its environment: TELEMATICS_URL, TELEMATICS_INSTANCE_ID, TELEMATICS_INSTANCE_KEY,
    /// TELEMATICS_INVITE_CODE, the same three with TELEMATICS_UBI_, TELEMATICS_ADMIN_EMAIL, TELEMATICS_ADMIN_PASSWORD, and
    /// TELEMATICS_CONTROL_TOKEN if there is one. Signals are passed on to it, and the server stops when it has ended. The exit code is 128
    /// and the number of the signal if a signal has ended it, 127 if it was not found, 126 if it cannot be run. The port of the
    /// configuration file does not count.
    Exec {
        #[command(flatten)]
        server: Box<ServerOptions>,
        /// Write what the command did wrong to this file: as SARIF if its name ends with .sarif or .json, as JUnit if it ends with .xml; may be given several times, and a summary goes to standard error
        #[arg(long, value_name = "FILE")]
        advice: Vec<AdviceFile>,
        /// Name this file of the app, relative to its repository, as the place of all that SARIF reports; GitHub code scanning shows only what has a file
        #[arg(long, value_name = "FILE", value_parser = advice::source)]
        advice_source: Option<String>,
        /// Exit with code 1 if the command has succeeded and there is a warning or an error, but not because of a note; a summary goes to standard error
        #[arg(long)]
        fail_on_advice: bool,
        /// The command and its arguments
        #[arg(last = true, required = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Ask a server whether it is ready; exit with code 0 if it is, with 1 if it is not
    Healthcheck {
        /// The URL of the server [default: the host and the port that the server with the same options listens on]
        #[arg(long)]
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

/// The filter of the log by default.
const DEFAULT_LOG: &str = "info";

/// The filter of the log while a command runs, whose output shall be its own.
const EXEC_LOG: &str = "warn";

/// What is wrong with the file of an app that no report can name.
const SOURCE_WITHOUT_SARIF: &str =
    "--advice-source is known only with SARIF: add --advice with a file that ends with .sarif";

/// The port that the server listens on by default.
const DEFAULT_PORT: u16 = 4600;

/// How the program was called.
pub struct Invocation {
    /// The arguments; the first one is the program.
    pub arguments: Vec<OsString>,
    /// The variables of the environment: names and values.
    pub variables: Vec<(String, OsString)>,
    /// Where texts may have colours.
    pub colours: Colours,
}

impl fmt::Debug for Invocation {
    // It contains passwords and keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Invocation(…)")
    }
}

/// Where texts may have colours: the outputs that are terminals.
#[derive(Clone, Copy, Debug, Default)]
pub struct Colours {
    /// On standard output.
    pub standard_output: bool,
    /// On standard error.
    pub standard_error: bool,
}

/// The task that the command line asks for.
#[derive(Debug)]
pub enum Task {
    /// Run the server.
    Serve(Box<Config>),
    /// Run a command with a server of its own.
    Exec(Box<Exec>),
    /// Ask a server whether it is ready.
    Healthcheck(Healthcheck),
    /// Write the files to start from.
    Init {
        /// The folder that they are written to.
        folder: PathBuf,
        /// Whether existing files are replaced.
        force: bool,
    },
    /// Print a text: the help, the version, what is wrong with a flag, a script.
    Print(Printed),
}

impl Task {
    /// Reads the command line, the environment and the configuration file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or an option is invalid.
    pub fn of(invocation: &Invocation, files: &dyn Files) -> Result<Self, ConfigError> {
        let shown = environment::with_variables_in_help(with_defaults_of_exec(CommandLine::command()));
        let read = shown.try_get_matches_from(&invocation.arguments).and_then(|matches| {
            let line = CommandLine::from_arg_matches(&matches)?;
            Ok((matches, line))
        });
        let (matches, CommandLine { server, command }) = match read {
            Ok(read) => read,
            Err(error) => return Ok(Self::Print(printed(&error, invocation.colours))),
        };
        let variables = Variables(&invocation.variables);
        let of_environment = variables.as_arguments(&CommandLine::command(), &matches)?;
        let of_environment =
            CommandLine::try_parse_from(of_environment).map_err(|error| ConfigError(error.to_string()))?;
        let server = server.over(of_environment.server);
        match command {
            None => Config::new(server, variables, files).map(Box::new).map(Self::Serve),
            Some(Subcommand::Exec { server: options, advice, advice_source: source, fail_on_advice, command }) => {
                let advice = Wanted { files: advice, source, fails: fail_on_advice };
                if advice.has_useless_source() {
                    let error = CommandLine::command().error(ErrorKind::MissingRequiredArgument, SOURCE_WITHOUT_SARIF);
                    return Ok(Self::Print(printed(&error, invocation.colours)));
                }
                let mut server = options.over(server);
                // Two commands can run at the same time, whatever the configuration file says.
                server.options.port.get_or_insert(0);
                let mut config = Config::new(server, variables, files)?;
                config.log.get_or_insert_with(|| EXEC_LOG.to_owned());
                let mut command = command.into_iter();
                let program = command.next().unwrap_or_default();
                Ok(Self::Exec(Box::new(Exec { config, advice, program, arguments: command.collect() })))
            }
            Some(Subcommand::Healthcheck { url }) => {
                let url = url.or_else(|| Some(variables.value(URL)?.to_string_lossy().into_owned()));
                let url = match url {
                    Some(url) => url,
                    None => format!("http://{}", reachable(server.with_file(files)?.options.listening_address())),
                };
                Healthcheck::new(&url).map(Self::Healthcheck).map_err(ConfigError)
            }
            Some(Subcommand::Init { folder, force }) => Ok(Self::Init { folder, force }),
            Some(Subcommand::Completions { shell }) => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut CommandLine::command(), "telematics-mock", &mut script);
                Ok(Self::Print(Printed::result(String::from_utf8_lossy(&script).into_owned())))
            }
        }
    }
}

/// Corrects the help of the options that are others while a command runs.
fn with_defaults_of_exec(command: Command) -> Command {
    let other_default = |argument: Arg, from: &str, to: &str| {
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        argument.help(help.replace(from, to))
    };
    command.mut_subcommand("exec", |exec| {
        let exec = exec.mut_arg("port", |port| other_default(port, "4600", "0"));
        // The ready line is not printed.
        exec.mut_arg("log", |log| other_default(log, "default: info", "default: warn"))
            .mut_arg("json", |json| json.hide(true))
    })
}

/// The help, the version, or what is wrong with a flag.
fn printed(error: &clap::Error, colours: Colours) -> Printed {
    let to_standard_error = error.use_stderr();
    let has_colours = if to_standard_error { colours.standard_error } else { colours.standard_output };
    let text = error.render();
    let text = if has_colours { coloured(&text) } else { text.to_string() };
    // The library's codes are 0 and 2.
    Printed { text, to_standard_error, code: u8::try_from(error.exit_code()).unwrap_or(crate::printed::FAILURE) }
}

#[cfg(feature = "color")]
fn coloured(text: &StyledStr) -> String {
    text.ansi().to_string()
}

#[cfg(not(feature = "color"))]
fn coloured(text: &StyledStr) -> String {
    text.to_string()
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
    /// The filter of the log, if one was given.
    pub log: Option<String>,
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
        let files = crate::memory::MemoryFiles::default();
        Self::new(ServerOptions::default(), Variables(&[]), &files).expect("the defaults are valid")
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
    /// The filter of the log.
    #[must_use]
    pub fn log(&self) -> &str {
        self.log.as_deref().unwrap_or(DEFAULT_LOG)
    }

    fn new(server: ServerOptions, variables: Variables<'_>, files: &dyn Files) -> Result<Self, ConfigError> {
        let Completed { file, options, mut initial_data } = server.with_file(files)?;
        if let Some(path) = &options.users {
            initial_data.import(users::read(files, path)?);
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
                None => Some(PathBuf::from(INIT_FOLDER)).filter(|folder| files.is_folder(folder)),
            },
            page: OrNone::value(options.page),
            json: options.json.unwrap_or(false),
            log: options.log,
            initial_data,
            file,
            unknown_variables: variables.unknown(&CommandLine::command()),
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

/// The options with those of the configuration file.
struct Completed {
    /// The path of the file, if one was read.
    file: Option<PathBuf>,
    options: Options,
    /// The instances, admins and users of the file.
    initial_data: InitialData,
}

impl ServerOptions {
    /// These options over others.
    fn over(self, others: Self) -> Self {
        Self { config: self.config.or(others.config), options: self.options.over(others.options) }
    }

    /// Completes the options by those of the configuration file.
    fn with_file(self, files: &dyn Files) -> Result<Completed, ConfigError> {
        let Self { config, options } = self;
        let file = match config {
            Some(OrNone(file)) => file,
            None => Some(PathBuf::from(CONFIG_FILE)).filter(|file| files.is_file(file)),
        };
        let (of_file, initial_data) = match &file {
            None => (Options::default(), InitialData::default()),
            Some(path) => file::read(files, path)?,
        };
        Ok(Completed { file, options: options.over(of_file), initial_data })
    }
}

#[cfg(test)]
mod tests;
