//! The binary: parses, binds, says that it is ready, and serves until it is told to stop.

use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use telematics_mock::config::{Config, Task};
use telematics_mock::control::Control;
use telematics_mock::healthcheck::healthcheck;
use telematics_mock::http::app::{Reach, app};
use telematics_mock::ready::Ready;
use telematics_mock::server::serve;
use telematics_mock::service::clock::MachineTime;
use telematics_mock::service::random::Seed;
use telematics_mock::service::{Start, UserService};
use telematics_mock::state_file::StateFile;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let outcome = Config::of_this_process().map_err(|error| error.to_string()).and_then(|task| match task {
        Task::Serve(config) => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
            runtime.map_err(|error| format!("the server cannot start: {error}"))?.block_on(run(*config))
        }
        Task::Healthcheck(url) => healthcheck(&url),
        Task::Completions(script) => {
            std::io::stdout().write_all(&script).map_err(|error| format!("the script cannot be printed: {error}"))
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

/// Runs the server; the error is a sentence for the person who started it.
async fn run(config: Config) -> Result<(), String> {
    let filter = EnvFilter::try_new(&config.log)
        .map_err(|_| format!("--log '{}' is no filter; try info, debug or telematics_mock=trace", config.log))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    if let Some(folder) = &config.page
        && !folder.is_dir()
    {
        return Err(format!("--page '{}' is no folder", folder.display()));
    }

    // Before the ready line, so that a signal is never missed.
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| format!("signals do not work: {error}"))?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| format!("signals do not work: {error}"))?;

    let wanted = SocketAddr::new(config.host, config.port);
    let listener = TcpListener::bind(wanted).await.map_err(|error| {
        if error.kind() == std::io::ErrorKind::AddrInUse {
            let (port, host) = (wanted.port(), wanted.ip());
            format!("port {port} of {host} is taken; choose another with --port, or --port 0 for a free one")
        } else {
            format!("cannot listen on {wanted}: {error}")
        }
    })?;
    let address = listener.local_addr().map_err(|error| format!("the address is unknown: {error}"))?;

    let seed = match config.seed {
        Some(number) => Seed::from_number(number),
        None => Seed::random().map_err(|error| format!("the system has no randomness: {error}"))?,
    };
    let control = Arc::new(Control::new(config.journal_size, seed.clone()));
    let start = Start { settings: config.settings, seed, time: Box::new(MachineTime), clock: config.clock };
    let service = Arc::new(UserService::new(start));
    control.listen_to(&service);
    config.seeding.plant(&service).map_err(|error| format!("the configuration cannot be: {error}"))?;
    // What a reset goes back to is the configuration, not what was left.
    service.set_start();
    let state_file = config.state_file.map(StateFile::at);
    if let Some(file) = &state_file
        && file.load(&service).map_err(|error| error.to_string())?
    {
        info!("going on with the state that was left");
    }
    let keeping = state_file.clone().map(|file| tokio::spawn(file.keep(Arc::clone(&service), config.state_interval)));

    let base =
        config.public_url.map_or_else(|| format!("http://{address}"), |url| url.trim_end_matches('/').to_owned());
    let reach = Reach {
        base,
        trust_forwarded_for: config.trust_forwarded_for,
        control_token: config.control_token,
        page: config.page,
    };
    let app = app(Arc::clone(&service), Arc::clone(&control), reach);

    let ready = Ready::at(address);
    let line = if config.json { ready.json().map_err(|error| error.to_string())? } else { ready.to_string() };
    let mut stdout = std::io::stdout();
    // Whoever started the server may have closed its output; it serves all the same.
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());

    serve(listener, app, async move {
        tokio::select! {
            _ = interrupt.recv() => info!("interrupted: letting open connections finish"),
            _ = terminate.recv() => info!("terminated: letting open connections finish"),
        }
        control.let_go();
    })
    .await;
    if let Some(keeping) = keeping {
        // A write that is under way goes on, on its own thread, and is followed by the last one.
        keeping.abort();
        let _ = keeping.await;
    }
    if let Some(file) = state_file {
        file.finish(&service);
    }
    Ok(())
}
