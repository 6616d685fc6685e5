//! The binary: parses the options, listens, prints the ready line, and serves until a signal stops it.

mod cli;

use std::io::Write as _;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cli::config::{Config, Task, reachable};
use cli::healthcheck::healthcheck;
use cli::log::Log;
use cli::ready::Ready;
use cli::signals::StopSignals;
use cli::state_file::StateFile;
use cli::{init_calls, init_files};
use telematics_mock::http::App;
use telematics_mock::listen;
use telematics_mock::runtime::{MachineTime, TokioRuntime, random_seed};
use telematics_mock::server::serve;
use telematics_mock_core::http::{Api, ApiOptions};
use telematics_mock_core::mock::{Mock, MockStart};
use telematics_mock_core::runtime::Runtime;
use telematics_mock_core::service::random::Seed;
use telematics_mock_core::service::{Overrides, Scope};
use tokio::runtime::{Builder, Runtime as Scheduler};
use tokio::task::JoinHandle;
use tracing::{info, warn};

/// The time that slow work has to end after the last connection, before the process ends without it.
const LAST_WORK: Duration = Duration::from_millis(100);

/// The time in which a further signal counts as the same one: npm passes on a Ctrl-C that the terminal has sent to the server too.
const SAME_SIGNAL: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let outcome = Config::of_this_process().map_err(|error| error.to_string()).and_then(|task| match task {
        Task::Serve(config) => start(*config),
        Task::Healthcheck(url) => healthcheck(&url),
        Task::Init { folder, force } => {
            let lines = init_files::write(&folder, force)?;
            // Whoever closed the output does not want to read them.
            let _ = std::io::stdout().write_all(lines.as_bytes());
            Ok(())
        }
        Task::Completions(script) => {
            std::io::stdout().write_all(&script).map_err(|error| format!("the script could not be printed: {error}"))
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // Standard error may be closed.
            let _ = writeln!(std::io::stderr(), "telematics-mock: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the server to its end; the error is a sentence for the person who started it.
fn start(config: Config) -> Result<(), String> {
    let log = Log::start(&config.log)?;
    let scheduler = scheduler().map_err(|error| format!("the server cannot start: {error}"))?;
    let outcome = scheduler.block_on(run(config));
    log.flush();
    // A slow control call may still run on another thread.
    scheduler.shutdown_timeout(LAST_WORK);
    outcome
}

/// A scheduler for all cores; on a single core the cheaper one for one thread.
fn scheduler() -> std::io::Result<Scheduler> {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut builder = if cores == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    builder.enable_all().build()
}

async fn run(config: Config) -> Result<(), String> {
    if let Some(file) = &config.file {
        info!("the configuration is that of {}", file.display());
    }
    for variable in &config.unknown_variables {
        warn!("the environment variable {variable} is not an option of this program and has no effect");
    }
    if let Some(folder) = &config.page
        && !folder.is_dir()
    {
        return Err(format!("--page '{}' is not a folder", folder.display()));
    }
    // Before the ready line, so that no signal is missed.
    let mut signals =
        StopSignals::observe().map_err(|error| format!("the signal handlers cannot be set up: {error}"))?;

    let wanted = SocketAddr::new(config.host, config.port);
    let listener = listen(wanted).map_err(|error| {
        if error.kind() == std::io::ErrorKind::AddrInUse {
            let (port, host) = (wanted.port(), wanted.ip());
            format!("port {port} of {host} is in use; choose another port with --port, or a free one with --port 0")
        } else {
            format!("cannot listen on {wanted}: {error}")
        }
    })?;
    let address = listener.local_addr().map_err(|error| format!("the port that was opened is unknown: {error}"))?;

    let seed = match config.seed {
        Some(number) => Seed::from_number(number),
        None => random_seed().map_err(|error| format!("the operating system has no entropy: {error}"))?,
    };
    let runtime: Arc<dyn Runtime> = Arc::new(TokioRuntime::current());
    let start = MockStart {
        settings: config.settings,
        seed,
        time: Box::new(MachineTime),
        clock: config.clock,
        journal_size: config.journal_size,
        initial_data: config.initial_data.clone(),
    };
    let mock =
        Mock::start(start, Arc::clone(&runtime)).map_err(|error| format!("the configuration is invalid: {error}"))?;
    let kept = match &config.state_file {
        Some(path) => {
            Some(KeptState::continued(&mock, StateFile::open(path).map_err(|error| error.to_string())?, &config)?)
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
    };
    let api = Api::new(Arc::clone(&mock), options);
    // A state that continues has what the calls have made.
    let is_continued = kept.as_ref().is_some_and(|kept| kept.is_continued);
    if let Some(folder) = config.init.as_ref().filter(|_| !is_continued) {
        let calls = init_calls::play(folder, &api, config.control_token.as_ref()).await?;
        info!("made {calls} control calls of {}", folder.display());
    }

    let ready = Ready::new(config.public_url.as_ref().map_or(url, ToString::to_string), &config);
    let app = App::new(api, runtime, config.page);
    let line = if config.json { ready.json().map_err(|error| error.to_string())? } else { ready.to_string() };
    let mut stdout = std::io::stdout();
    // The parent process may have closed the output; the server still runs.
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());

    let finished = Arc::clone(&mock);
    let (stop, mut second) = tokio::sync::oneshot::channel();
    let serving = serve(listener, app, async move {
        let signal = signals.next().await;
        info!("stopped by {signal}: waiting for open connections; a second signal ends the server at once");
        mock.control.release();
        // Somebody who is in a hurry asks twice.
        tokio::spawn(async move { stop.send(signals.next_after(SAME_SIGNAL).await) });
    });
    tokio::select! {
        () = serving => {}
        Ok(signal) = &mut second => info!("stopped by a second {signal}: not waiting for open connections"),
    }
    kept.map_or(Ok(()), |kept| kept.finish(&finished))
}

/// The state of the server in a file.
struct KeptState {
    file: StateFile,
    /// Writes the file while the server runs.
    keeping: JoinHandle<()>,
    /// Whether the file had a state, which the server continues.
    is_continued: bool,
}

impl KeptState {
    /// Continues with the state of the file, and keeps it there from now on. What the person who started the server has given
    /// explicitly beats the file.
    fn continued(mock: &Arc<Mock>, file: StateFile, config: &Config) -> Result<Self, String> {
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
        let keeping = tokio::spawn(file.clone().keep(Arc::clone(mock), config.state_interval));
        Ok(Self { file, keeping, is_continued })
    }

    /// Writes the state for the last time.
    fn finish(self, mock: &Mock) -> Result<(), String> {
        self.keeping.abort();
        self.file.finish(&mock.service).map_err(|error| format!("the last changes are lost: {error}"))
    }
}
