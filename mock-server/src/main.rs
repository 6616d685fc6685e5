//! The binary: parses the options, listens, prints the ready line, and serves until a signal stops it.

mod cli;

use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;

use cli::config::{Config, Task};
use cli::healthcheck::healthcheck;
use cli::ready::Ready;
use cli::state_file::StateFile;
use telematics_mock::http::App;
use telematics_mock::listen;
use telematics_mock::runtime::{MachineTime, TokioRuntime, random_seed};
use telematics_mock::server::serve;
use telematics_mock_core::http::{Api, ApiOptions};
use telematics_mock_core::mock::{Mock, MockStart};
use telematics_mock_core::runtime::Runtime;
use telematics_mock_core::service::random::Seed;
use tokio::runtime::{Builder, Runtime as Scheduler};
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let outcome = Config::of_this_process().map_err(|error| error.to_string()).and_then(|task| match task {
        Task::Serve(config) => {
            scheduler().map_err(|error| format!("the server cannot start: {error}"))?.block_on(run(*config))
        }
        Task::Healthcheck(url) => healthcheck(&url),
        Task::Completions(script) => {
            std::io::stdout().write_all(&script).map_err(|error| format!("the script could not be printed: {error}"))
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("telematics-mock: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// A scheduler for all cores; on a single core the cheaper one for one thread.
fn scheduler() -> std::io::Result<Scheduler> {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut builder = if cores == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    builder.enable_all().build()
}

/// Runs the server; the error is a sentence for the person who started it.
async fn run(config: Config) -> Result<(), String> {
    let filter = EnvFilter::try_new(&config.log).map_err(|_| {
        format!("--log '{}' is not a valid filter; try info, debug or telematics_mock=trace", config.log)
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    if let Some(folder) = &config.page
        && !folder.is_dir()
    {
        return Err(format!("--page '{}' is not a folder", folder.display()));
    }

    // Set up before the ready line, so that no signal is missed.
    let mut interrupt =
        signal(SignalKind::interrupt()).map_err(|error| format!("the signal handlers cannot be set up: {error}"))?;
    let mut terminate =
        signal(SignalKind::terminate()).map_err(|error| format!("the signal handlers cannot be set up: {error}"))?;

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
        initial_data: config.initial_data,
    };
    let mock =
        Mock::start(start, Arc::clone(&runtime)).map_err(|error| format!("the configuration is invalid: {error}"))?;
    let state_file = config.state_file.map(StateFile::new);
    if let Some(file) = &state_file
        && file.load(&mock.service).map_err(|error| error.to_string())?
    {
        info!("continuing with the state of the file");
    }
    let keeping = state_file.clone().map(|file| tokio::spawn(file.keep(Arc::clone(&mock), config.state_interval)));

    let base_url =
        config.public_url.map_or_else(|| format!("http://{address}"), |url| url.trim_end_matches('/').to_owned());
    let has_page = config.page.is_some();
    let options =
        ApiOptions { base_url, trust_forwarded_for: config.trust_forwarded_for, control_token: config.control_token };
    let app = App::new(Api::new(Arc::clone(&mock), options), runtime, config.page);

    let ready = Ready::new(address, has_page);
    let line = if config.json { ready.json().map_err(|error| error.to_string())? } else { ready.to_string() };
    let mut stdout = std::io::stdout();
    // The parent process may have closed the output; the server still runs.
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());

    let finished = Arc::clone(&mock);
    serve(listener, app, async move {
        tokio::select! {
            _ = interrupt.recv() => info!("interrupted: waiting for open connections"),
            _ = terminate.recv() => info!("terminated: waiting for open connections"),
        }
        mock.control.release();
    })
    .await;
    if let Some(keeping) = keeping {
        keeping.abort();
        let _ = keeping.await;
    }
    if let Some(file) = state_file {
        file.finish(&finished.service);
    }
    Ok(())
}
