//! The start of the server up to its ready line, and its end. The host listens, serves and waits for signals in between.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use telematics_mock_core::http::{Api, ApiOptions};
use telematics_mock_core::mock::{Mock, MockStart};
use telematics_mock_core::runtime::{BoxFuture, Runtime};
use telematics_mock_core::service::clock::TimeSource;
use telematics_mock_core::service::random::Seed;
use telematics_mock_core::service::{Overrides, Scope};
use tracing::{info, warn};

use crate::config::Config;
use crate::files::Files;
use crate::init_calls;
use crate::listening::reachable;
use crate::ready::Ready;
use crate::state_file::StateFile;

/// What a server needs of the machine that it runs on.
pub struct Machine {
    /// Timers, and threads for slow work.
    pub runtime: Arc<dyn Runtime>,
    /// The clock.
    pub time: Box<dyn TimeSource>,
    /// A seed that nobody can guess.
    pub seed: fn() -> io::Result<Seed>,
    /// The files.
    pub files: Arc<dyn Files>,
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Machine(…)")
    }
}

/// Checks what the host does by itself, and logs where the configuration comes from. The host calls it before it listens.
///
/// # Errors
///
/// The page is not a folder: a sentence.
pub fn prepare(config: &Config, files: &dyn Files) -> Result<(), String> {
    if let Some(file) = &config.file {
        info!("the configuration is that of {}", file.display());
    }
    for variable in &config.unknown_variables {
        warn!("the environment variable {variable} is not an option of this program and has no effect");
    }
    match &config.page {
        Some(folder) if !files.is_folder(folder) => Err(format!("--page '{}' is not a folder", folder.display())),
        Some(_) | None => Ok(()),
    }
}

/// A server that is ready.
pub struct Program {
    mock: Arc<Mock>,
    ready: Ready,
    is_json: bool,
    kept: Option<KeptState>,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Program(…)")
    }
}

impl Program {
    /// Starts the server of a configuration, for which the host listens at `address` already: continues the state file, or makes the
    /// control calls of the configuration. Returns the server and the HTTP semantics for the host to serve.
    ///
    /// # Errors
    ///
    /// A sentence for the person who started the server.
    pub async fn start(config: &Config, address: SocketAddr, machine: Machine) -> Result<(Self, Api), String> {
        let Machine { runtime, time, seed, files } = machine;
        let seed = match config.seed {
            Some(number) => Seed::from_number(number),
            None => seed().map_err(|error| format!("the operating system has no entropy: {error}"))?,
        };
        let start = MockStart {
            settings: config.settings,
            seed,
            time,
            clock: config.clock,
            journal_size: config.journal_size,
            initial_data: config.initial_data.clone(),
        };
        let mock = Mock::start(start, runtime).map_err(|error| format!("the configuration is invalid: {error}"))?;
        let kept = match &config.state_file {
            Some(path) => {
                let file = StateFile::open(&*files, path).map_err(|error| error.to_string())?;
                Some(KeptState::continued(&mock, file, config)?)
            }
            None => None,
        };

        let url = format!("http://{}", reachable(address));
        let options = ApiOptions {
            base_url: url.clone(),
            public_url: config.public_url.clone(),
            trust_forwarded: config.trust_forwarded,
            control_token: config.control_token.clone(),
            allowed_hosts: config.allowed_hosts.clone(),
            is_private: false,
        };
        let api = Api::new(Arc::clone(&mock), options);
        // A state that continues has what the calls have made.
        let is_continued = kept.as_ref().is_some_and(|kept| kept.is_continued);
        if let Some(folder) = config.init.as_ref().filter(|_| !is_continued) {
            let calls = init_calls::play(&*files, folder, &api, config.control_token.as_ref()).await?;
            info!("made {calls} control calls of {}", folder.display());
        }
        let ready = Ready::new(config.public_url.as_ref().map_or(url, ToString::to_string), config);
        Ok((Self { mock, ready, is_json: config.json, kept }, api))
    }

    /// The mock that runs.
    #[must_use]
    pub const fn mock(&self) -> &Arc<Mock> {
        &self.mock
    }

    /// The address and the credentials.
    #[must_use]
    pub const fn ready(&self) -> &Ready {
        &self.ready
    }

    /// The ready line for standard output, without the last line break.
    #[must_use]
    pub fn ready_line(&self) -> String {
        if self.is_json { self.ready.json() } else { self.ready.to_string() }
    }

    /// Writes the state file while the server runs; nothing if the server has none. The host lets it run until it calls
    /// [`Program::finish`].
    #[must_use]
    pub fn keep(&self) -> Option<BoxFuture<()>> {
        let KeptState { file, interval, .. } = self.kept.as_ref()?;
        Some(Box::pin(file.clone().keep(Arc::clone(&self.mock), *interval)))
    }

    /// Writes the state for the last time.
    ///
    /// # Errors
    ///
    /// The file cannot be written: a sentence.
    pub fn finish(self) -> Result<(), String> {
        let Some(KeptState { file, .. }) = self.kept else { return Ok(()) };
        file.finish(&self.mock.service).map_err(|error| format!("the last changes are lost: {error}"))
    }
}

/// The state of the server in a file.
struct KeptState {
    file: StateFile,
    /// The time between two looks for changes.
    interval: Duration,
    /// Whether the file had a state, which the server continues.
    is_continued: bool,
}

impl KeptState {
    /// Continues with the state of the file. What the person who started the server has given explicitly beats the file.
    fn continued(mock: &Mock, file: StateFile, config: &Config) -> Result<Self, String> {
        let is_continued = file.load(&mock.service).map_err(|error| error.to_string())?;
        if is_continued {
            mock.follow_seed(Scope::Server);
            info!("continuing with the state of the file");
            if config.given_settings != Overrides::default() {
                let changed = mock.service.change_settings(Scope::Server, config.given_settings);
                changed
                    .map_err(|error| format!("the settings do not fit the state file: {} {error}", error.field()))?;
                info!("the settings that were given replace those of the state file");
            }
            let missing = config.initial_data.clone().missing_in(&mock.service);
            missing.load_into(&mock.service).map_err(|error| format!("the configuration is invalid: {error}"))?;
            for (option, given) in [("--seed", config.seed.is_some()), ("--clock", config.clock.is_some())] {
                if given {
                    warn!("{option} has no effect before a reset, because the state file continues with its own");
                }
            }
        }
        // A file that cannot be written is found out now, and not when everything would be lost.
        file.save(&mock.service).map_err(|error| error.to_string())?;
        Ok(Self { file, interval: config.state_interval, is_continued })
    }
}
