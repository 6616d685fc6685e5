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
        let KeptState { file, written, interval, .. } = self.kept.as_ref()?;
        Some(Box::pin(file.clone().keep(Arc::clone(&self.mock), *written, *interval)))
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
    /// The revision of the state that the file has at the start.
    written: u64,
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
        let written = mock.service.revision();
        // A file that cannot be written is found out now, and not when everything would be lost.
        file.save(&mock.service).map_err(|error| error.to_string())?;
        Ok(Self { file, written, interval: config.state_interval, is_continued })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::FutureExt as _;
    use telematics_mock_core::service::clock::FixedTime;
    use telematics_mock_core::service::time::{Period, Timestamp};

    use super::*;
    use crate::memory::MemoryFiles;

    /// A runtime that does slow work at once, and waits a number of times without any time passing; then it waits for ever.
    struct Rounds(AtomicU32);

    impl Runtime for Rounds {
        fn sleep(&self, _: Duration) -> BoxFuture<()> {
            match self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) {
                Ok(_) => Box::pin(async {}),
                Err(_) => Box::pin(std::future::pending()),
            }
        }

        fn offload(&self, work: Box<dyn FnOnce() + Send>) {
            work();
        }
    }

    fn start(files: &MemoryFiles, config: &Config) -> Result<Program, String> {
        let machine = Machine {
            runtime: Arc::new(Rounds(AtomicU32::new(1))),
            time: Box::new(FixedTime(Timestamp::EPOCH)),
            seed: || Ok(Seed::from_number(1)),
            files: Arc::new(files.clone()),
        };
        let started = Program::start(config, SocketAddr::from(([0, 0, 0, 0], 4601)), machine);
        let (program, _) = started.now_or_never().expect("nothing takes time")?;
        Ok(program)
    }

    fn with_state() -> Config {
        Config { state_file: Some("state.json".into()), ..Config::default() }
    }

    fn skew(program: &Program) -> Period {
        program.mock().service.settings(Scope::Server).clock_skew
    }

    fn with_skew(seconds: u32) -> Overrides {
        Overrides { clock_skew: Some(Period::from_seconds(seconds)), ..Overrides::default() }
    }

    #[test]
    fn the_ready_line_names_an_address_that_this_machine_reaches_or_the_public_one() {
        let files = MemoryFiles::default();
        let line = |config: &Config| start(&files, config).unwrap().ready_line();
        assert!(line(&Config::default()).contains("listening on http://127.0.0.1:4601\n"));
        let public = Config { public_url: Some("https://mock.example".parse().unwrap()), ..Config::default() };
        assert!(line(&public).contains("listening on https://mock.example\n"));
        assert!(line(&Config { json: true, ..Config::default() }).starts_with('{'));
    }

    #[test]
    fn a_start_continues_with_the_state_of_the_last_stop_and_what_is_given_beats_it() {
        let files = MemoryFiles::default();
        let first = start(&files, &with_state()).unwrap();
        first.mock().service.change_settings(Scope::Server, with_skew(7)).unwrap();
        assert!(start(&files, &with_state()).unwrap_err().ends_with("another server uses this file"));
        first.finish().unwrap();
        let second = start(&files, &with_state()).unwrap();
        assert_eq!(skew(&second), Period::from_seconds(7));
        second.finish().unwrap();
        let given = Config { given_settings: with_skew(8), ..with_state() };
        assert_eq!(skew(&start(&files, &given).unwrap()), Period::from_seconds(8));
    }

    #[test]
    fn the_state_is_written_after_each_interval_in_which_it_has_changed() {
        let files = MemoryFiles::default();
        let program = start(&files, &with_state()).unwrap();
        let mut keeping = program.keep().expect("there is a state file");
        let read = || files.read("state.json".as_ref()).unwrap();
        let before = read();
        program.mock().service.change_settings(Scope::Server, with_skew(7)).unwrap();
        assert_eq!(read(), before);
        assert!(keeping.as_mut().now_or_never().is_none(), "it goes on for ever");
        assert_ne!(read(), before);
    }

    #[test]
    fn control_calls_are_made_before_the_server_is_ready_and_not_again_for_a_state_that_continues() {
        let call = r#"{ "method": "PATCH", "path": "/__mock/settings", "body": { "clockSkewSeconds": 7 } }"#;
        let files = MemoryFiles::with("init/a.json", call).and("init/notes.txt", "not a call");
        let config = || Config { init: Some("init".into()), ..with_state() };
        let first = start(&files, &config()).unwrap();
        assert_eq!(skew(&first), Period::from_seconds(7));
        first.mock().service.change_settings(Scope::Server, with_skew(9)).unwrap();
        first.finish().unwrap();
        assert_eq!(skew(&start(&files, &config()).unwrap()), Period::from_seconds(9));

        let wrong = MemoryFiles::with("init/a.json", r#"[{ "method": "GET", "path": "/__mock/nothing?canary" }]"#);
        let error = start(&wrong, &Config { init: Some("init".into()), ..Config::default() }).unwrap_err();
        assert!(error.starts_with("--init init/a.json: call 1 (GET /__mock/nothing): 404 "), "{error}");
    }

    #[test]
    fn a_page_that_is_no_folder_is_an_error_before_the_server_listens() {
        let files = MemoryFiles::with("page/index.html", "");
        let with_page = |page: &str| prepare(&Config { page: Some(page.into()), ..Config::default() }, &files);
        assert_eq!(with_page("page"), Ok(()));
        assert_eq!(with_page("page/index.html"), Err("--page 'page/index.html' is not a folder".to_owned()));
    }
}
