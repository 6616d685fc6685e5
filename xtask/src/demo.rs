//! The mock server with the page, in the foreground.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::greeting::Greeting;
use crate::workspace::Workspace;
use crate::{pack, setup};

/// The interval between two checks for a signal and for the end of the server.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// Builds everything and runs the server until it stops; the exit code is the server's.
///
/// # Errors
/// If a tool is missing, a build fails or the server cannot be started.
pub(crate) fn run(workspace: &mut Workspace, port: u16) -> Result<ExitCode> {
    setup::for_packing(workspace)?;
    let page = pack::page(workspace)?;
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--release", "--package", "telematics-mock"]);
    workspace.quietly("building the mock server", &mut cargo)?;

    let mut server = workspace.command(workspace.built("release/telematics-mock"));
    server.arg("--json").arg("--port").arg(port.to_string()).arg("--page").arg(page).stdout(Stdio::piped());
    foreground(server.spawn().context("the mock server could not be started")?)
}

/// Shows the server's output, passes on requests to stop, and waits for the end of the server.
fn foreground(mut server: Child) -> Result<ExitCode> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in STOP_SIGNALS {
        signal_hook::flag::register(*signal, Arc::clone(&stop))?;
    }
    let output = show_output(&mut server);
    loop {
        if stop.swap(false, Ordering::Relaxed) {
            ask_to_stop(&server);
        }
        if let Some(status) = server.try_wait()? {
            // The last lines may still be in the pipe.
            let _ = output.map(JoinHandle::join);
            return Ok(code(status));
        }
        thread::sleep(CHECK_INTERVAL);
    }
}

/// Prints the server's standard output as it comes, with a greeting in the place of the ready line.
fn show_output(server: &mut Child) -> Option<JoinHandle<()>> {
    let output = server.stdout.take()?;
    Some(thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            print(&Greeting::parse(&line).map_or(line, |greeting| greeting.to_string()));
        }
    }))
}

/// Prints a line. A closed standard output does not stop the server.
fn print(line: &str) {
    let mut output = io::stdout().lock();
    let _ = writeln!(output, "{line}").and_then(|()| output.flush());
}

/// The signals that ask for a stop.
#[cfg(unix)]
const STOP_SIGNALS: &[i32] = &[signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP];

/// Ctrl-C, the only signal that Windows sends.
#[cfg(not(unix))]
const STOP_SIGNALS: &[i32] = &[signal_hook::consts::SIGINT];

/// Asks the server to stop. A terminal sends Ctrl-C to the server too, which takes two signals at once for one; `kill` does not.
#[cfg(unix)]
pub(crate) fn ask_to_stop(server: &Child) {
    use rustix::process::{Pid, Signal, kill_process};

    let _ = kill_process(Pid::from_child(server), Signal::TERM);
}

/// A console of Windows sends Ctrl-C to the server itself.
#[cfg(not(unix))]
pub(crate) fn ask_to_stop(_: &Child) {}

/// The signal that ended a process.
#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

/// No process of Windows is ended by a signal.
#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

/// The exit code that a shell would give.
fn code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| signal(status).map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn the_exit_code_is_the_servers_and_after_a_signal_that_of_a_shell() {
        assert_eq!(code(ExitStatus::from_raw(0)), ExitCode::SUCCESS);
        assert_eq!(code(ExitStatus::from_raw(3 << 8)), ExitCode::from(3));
        assert_eq!(code(ExitStatus::from_raw(15)), ExitCode::from(143));
    }
}
