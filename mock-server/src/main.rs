//! The binary: listens, serves until a signal stops it, and gives `telematics-mock-cli` what it needs of this machine.

mod cli;

use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cli::files::MachineFiles;
use cli::log::Log;
use cli::signals::StopSignals;
use cli::{healthcheck, invocation};
use telematics_mock::http::App;
use telematics_mock::listen;
use telematics_mock::runtime::{MachineTime, TokioRuntime, random_seed};
use telematics_mock::server::serve;
use telematics_mock_cli::config::{Config, Task};
use telematics_mock_cli::init_files;
use telematics_mock_cli::listening::ListenFailure;
use telematics_mock_cli::printed::Printed;
use telematics_mock_cli::program::{Machine, Program, prepare};
use telematics_mock_cli::signals::{SAME_SIGNAL, log_first, log_second};
use telematics_mock_core::runtime::Runtime;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime as Scheduler};

/// The time that slow work has to end after the last connection, before the process ends without it.
const LAST_WORK: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let task = Task::of(&invocation::of_this_process(), &MachineFiles).map_err(|error| error.to_string());
    let outcome = task.and_then(|task| match task {
        Task::Serve(config) => start(*config).map(|()| Printed::result(String::new())),
        Task::Healthcheck(check) => healthcheck::run(&check).map(|()| Printed::result(String::new())),
        Task::Init { folder, force } => init_files::write(&MachineFiles, &folder, force).map(Printed::result),
        Task::Print(printed) => Ok(printed),
    });
    print(outcome.unwrap_or_else(|sentence| Printed::failure(&sentence))).into()
}

/// Prints the text of a run and returns the exit code.
fn print(Printed { text, to_standard_error, code }: Printed) -> u8 {
    if to_standard_error {
        // Standard error may be closed.
        let _ = std::io::stderr().write_all(text.as_bytes());
        return code;
    }
    match std::io::stdout().write_all(text.as_bytes()) {
        // Whoever closed the output does not want to read the text.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            print(Printed::failure(&format!("the text could not be printed: {error}")))
        }
        Ok(()) | Err(_) => code,
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

/// Listens where the configuration says, and tells where that is.
fn listen_at(config: &Config) -> Result<(TcpListener, SocketAddr), String> {
    let wanted = SocketAddr::new(config.host, config.port);
    let listener = listen(wanted).map_err(|error| {
        let is_taken = error.kind() == ErrorKind::AddrInUse;
        let failure = if is_taken { ListenFailure::PortInUse } else { ListenFailure::Other(error.to_string()) };
        failure.sentence(wanted)
    })?;
    let address = listener.local_addr().map_err(|error| format!("the port that was opened is unknown: {error}"))?;
    Ok((listener, address))
}

async fn run(config: Config) -> Result<(), String> {
    prepare(&config, &MachineFiles)?;
    // Before the ready line, so that no signal is missed.
    let mut signals =
        StopSignals::observe().map_err(|error| format!("the signal handlers cannot be set up: {error}"))?;
    let (listener, address) = listen_at(&config)?;
    let runtime: Arc<dyn Runtime> = Arc::new(TokioRuntime::current());
    let machine = Machine {
        runtime: Arc::clone(&runtime),
        time: Box::new(MachineTime),
        seed: random_seed,
        files: Arc::new(MachineFiles),
    };
    let (program, api) = Program::start(&config, address, machine).await?;
    let keeping = program.keep().map(tokio::spawn);
    let mut stdout = std::io::stdout();
    // The parent process may have closed the output; the server still runs.
    let _ = writeln!(stdout, "{}", program.ready_line()).and_then(|()| stdout.flush());

    let (stop, mut second) = tokio::sync::oneshot::channel();
    let mock = Arc::clone(program.mock());
    let serving = serve(listener, App::new(api, runtime, config.page), async move {
        log_first(signals.next().await);
        mock.control.release();
        // Somebody who is in a hurry asks twice.
        tokio::spawn(async move { stop.send(signals.next_after(SAME_SIGNAL).await) });
    });
    tokio::select! {
        () = serving => {}
        Ok(signal) = &mut second => log_second(signal),
    }
    if let Some(keeping) = keeping {
        keeping.abort();
    }
    program.finish()
}
