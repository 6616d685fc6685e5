//! The process of `telematics-mock exec`.

use std::ffi::OsStr;
#[cfg(windows)]
use std::ffi::OsString;
use std::io::ErrorKind;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use telematics_mock_cli::exec::{Ended, Exec, NotStarted, finish, variables};
use telematics_mock_cli::printed::Printed;
use telematics_mock_cli::signals::{PassedOn, SAME_SIGNAL, log_second};
use tokio::process::{Child, Command};
use tokio::time::Instant;

use super::files::MachineFiles;
use super::running::RunningServer;
use super::signals::{StopSignal, StopSignals};

/// Runs a server and a command, until the command has ended.
///
/// # Errors
///
/// The server does not start: a sentence.
pub async fn run(exec: Exec) -> Result<Printed, String> {
    // Before the command starts, so that it misses no signal.
    let mut signals = StopSignals::observe()?;
    let Exec { config, advice, program, arguments } = exec;
    let server = RunningServer::start(config).await?;
    let mock = Arc::clone(server.program().mock());
    if let Some(signal) = signals.arrived().await {
        server.stop(async {}).await?;
        let why = NotStarted::Stopped { signal: signal.name().to_owned(), number: signal.number() };
        return Ok(why.printed(&program, &MachineFiles));
    }
    let mut command = Command::new(found(&program));
    command.args(arguments).envs(variables(server.program().ready()));
    match command.spawn() {
        Ok(child) => {
            let ended = end_of(child, &mut signals).await;
            let stopped = server.stop(async { log_second(signals.next_after(SAME_SIGNAL).await.name()) }).await;
            Ok(finish(&advice, ended?, stopped, &mock, &MachineFiles))
        }
        Err(error) => {
            let is_missing = error.kind() == ErrorKind::NotFound;
            let why = if is_missing { NotStarted::NotFound } else { NotStarted::Other(error.to_string()) };
            server.stop(async {}).await?;
            Ok(why.printed(&program, &MachineFiles))
        }
    }
}

/// The program of a command, which the operating system finds by itself.
#[cfg(not(windows))]
fn found(program: &OsStr) -> &OsStr {
    program
}

/// The path of a program. By itself Windows finds only those whose name ends with `.exe`; `npm` is a batch file. The standard library runs
/// such a file so that no argument becomes a further command, and refuses an argument that cannot be written so.
#[cfg(windows)]
fn found(program: &OsStr) -> OsString {
    which::which(program).map_or_else(|_| program.to_owned(), Into::into)
}

/// Waits until a command has ended, and passes signals on to it.
async fn end_of(mut child: Child, signals: &mut StopSignals) -> Result<Ended, String> {
    let (mut passed_on, start) = (PassedOn::default(), Instant::now());
    loop {
        tokio::select! {
            status = child.wait() => {
                return status.map(ended).map_err(|error| format!("the end of the command is unknown: {error}"));
            }
            signal = signals.next() => {
                let since_start = start.elapsed();
                if passed_on.is_new(signal.name(), since_start) {
                    pass_on(signal, since_start, &child);
                }
            }
        }
    }
}

#[cfg(unix)]
fn ended(status: ExitStatus) -> Ended {
    use std::os::unix::process::ExitStatusExt as _;

    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Code(code),
        (None, number) => Ended::Signal(number.unwrap_or_default()),
    }
}

#[cfg(not(unix))]
fn ended(status: ExitStatus) -> Ended {
    Ended::Code(status.code().unwrap_or(1))
}

/// Sends a signal to a command, unless the terminal has sent it already.
#[cfg(unix)]
fn pass_on(signal: StopSignal, since_start: Duration, child: &Child) {
    use rustix::process::{Pid, Signal, kill_process};

    if telematics_mock_cli::signals::is_sent_by_terminal(signal.name(), since_start) && is_in_foreground() {
        return;
    }
    // A command that has ended and is not waited for has its number still.
    let process = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
    if let (Some(process), Some(signal)) = (process, Signal::from_named_raw(signal.number())) {
        // It may have just ended.
        let _ = kill_process(process, signal);
    }
}

/// On Windows the console sends its events to the command too.
#[cfg(not(unix))]
fn pass_on(_: StopSignal, _: Duration, _: &Child) {}

/// Whether this process, and with it the command, belongs to the foreground of its terminal, which gets the signals of the keyboard.
#[cfg(unix)]
fn is_in_foreground() -> bool {
    let terminal = std::fs::File::open("/dev/tty").ok();
    let foreground = terminal.and_then(|terminal| rustix::termios::tcgetpgrp(terminal).ok());
    foreground == Some(rustix::process::getpgrp())
}
