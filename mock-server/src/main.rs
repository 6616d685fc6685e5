//! The binary: gives `telematics-mock-cli` what it needs of this machine, and does what the command line asks for.

mod cli;

use std::future::Future;
use std::io::{self, ErrorKind, Write as _};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Duration;

use cli::files::MachineFiles;
use cli::log::Log;
use cli::running::RunningServer;
use cli::signals::StopSignals;
use cli::{exec, healthcheck, invocation};
use telematics_mock_cli::config::{Config, Task};
use telematics_mock_cli::init_files;
use telematics_mock_cli::printed::Printed;
use telematics_mock_cli::signals::{SAME_SIGNAL, log_first, log_second};
use tokio::runtime::{Builder, Runtime as Scheduler};

/// The time that slow work has to end after the last connection, before the process ends without it.
const LAST_WORK: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let task = Task::of(&invocation::of_this_process(), &MachineFiles).map_err(|error| error.to_string());
    let nothing = |()| Printed::result(String::new());
    let outcome = task.and_then(|task| match task {
        Task::Serve(config) => with_log(config.log().to_owned(), serve(*config)).map(nothing),
        Task::Exec(exec) => with_log(exec.config.log().to_owned(), exec::run(*exec)),
        Task::Healthcheck(check) => healthcheck::run(&check).map(nothing),
        Task::Init { folder, force } => init_files::write(&MachineFiles, &folder, force).map(Printed::result),
        Task::Print(printed) => Ok(printed),
    });
    print(outcome.unwrap_or_else(|sentence| Printed::failure(&sentence))).into()
}

/// Prints the text of a run and returns the exit code.
fn print(Printed { text, to_standard_error, code }: Printed) -> u8 {
    if to_standard_error {
        // Standard error may be closed.
        let _ = io::stderr().write_all(text.as_bytes());
        return code;
    }
    match io::stdout().write_all(text.as_bytes()) {
        // Whoever closed the output does not want to read the text.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => print(Printed::unprinted(&error)),
        Ok(()) | Err(_) => code,
    }
}

/// Runs a server to its end, with a log of this filter; the error is a sentence for the person who started it.
fn with_log<T>(filter: String, run: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let log = Log::start(&filter)?;
    let scheduler = scheduler().map_err(|error| format!("the server cannot start: {error}"))?;
    let outcome = scheduler.block_on(run);
    log.flush();
    // A slow control call may still run on another thread.
    scheduler.shutdown_timeout(LAST_WORK);
    outcome
}

/// A scheduler for all cores; on a single core the cheaper one for one thread.
fn scheduler() -> io::Result<Scheduler> {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut builder = if cores == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    builder.enable_all().build()
}

/// Serves until a signal stops the server.
async fn serve(config: Config) -> Result<(), String> {
    // Before the ready line, so that no signal is missed.
    let mut signals = StopSignals::observe()?;
    let server = RunningServer::start(config).await?;
    let mut stdout = io::stdout();
    // The parent process may have closed the output; the server still runs.
    let _ = writeln!(stdout, "{}", server.program().ready_line()).and_then(|()| stdout.flush());
    log_first(signals.next().await.name());
    // Somebody who is in a hurry asks twice.
    server.stop(async { log_second(signals.next_after(SAME_SIGNAL).await.name()) }).await
}
