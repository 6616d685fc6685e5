//! The mock server with the page, in the foreground.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::workspace::Workspace;
use crate::{pack, setup};

/// How long the server's greeting may pause between two lines, and how soon a signal is noticed.
const PAUSE: Duration = Duration::from_millis(50);

/// Builds everything and runs the server until it stops; the exit code is the server's.
///
/// # Errors
/// When something is missing, does not build or cannot be started.
pub(crate) fn run(workspace: &mut Workspace, port: u16) -> Result<ExitCode> {
    setup::for_packing(workspace)?;
    let page = pack::page(workspace)?;
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--release", "--package", "telematics-mock"]);
    workspace.quietly("building the mock server", &mut cargo)?;

    let mut server = workspace.command(workspace.built("release/telematics-mock"));
    server.arg("--port").arg(port.to_string()).arg("--page").arg(page).stdout(Stdio::piped());
    foreground(server.spawn().context("the mock server could not be started")?)
}

/// Shows what the server says, adds where the page is, passes on requests to stop, and waits.
fn foreground(mut server: Child) -> Result<ExitCode> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    let lines = lines(&mut server);
    let mut page = None;
    loop {
        match lines.recv_timeout(PAUSE) {
            Ok(line) => {
                page = page.or_else(|| address(&line).map(str::to_owned));
                print(&line);
            }
            // The greeting is complete: the rest of the time the server says nothing here.
            Err(RecvTimeoutError::Timeout) => {
                if let Some(page) = page.take() {
                    print(&format!("The page: {page}/ (Ctrl-C stops the server)"));
                }
            }
            Err(RecvTimeoutError::Disconnected) => thread::sleep(PAUSE),
        }
        if stop.swap(false, Ordering::Relaxed) {
            // From a terminal it has heard of Ctrl-C already, and hears of it once more; from `kill` it has not.
            let _ = kill_process(Pid::from_child(&server), Signal::TERM);
        }
        if let Some(status) = server.try_wait()? {
            lines.iter().for_each(|line| print(&line));
            return Ok(code(status));
        }
    }
}

/// The lines of the server's standard output, as they come.
fn lines(server: &mut Child) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    if let Some(output) = server.stdout.take() {
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
    }
    lines
}

/// The address in the server's ready line.
fn address(line: &str) -> Option<&str> {
    let (_, address) = line.split_once(" listening on ")?;
    address.split_whitespace().next()
}

/// Prints a line for whoever reads it; a reader that has gone away is no reason to stop the server.
fn print(line: &str) {
    let mut output = io::stdout().lock();
    let _ = writeln!(output, "{line}").and_then(|()| output.flush());
}

/// The exit code a shell would give.
fn code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_address_in_the_ready_line_and_nowhere_else() {
        let ready = "telematics-mock 0.1.0 listening on http://127.0.0.1:4600";
        assert_eq!(address(ready), Some("http://127.0.0.1:4600"));
        assert_eq!(address("  InstanceId   11111111-1111-4111-8111-111111111111"), None);
    }

    #[test]
    fn exits_as_the_server_did_and_as_a_shell_would_where_it_was_killed() {
        assert_eq!(code(ExitStatus::from_raw(0)), ExitCode::SUCCESS);
        assert_eq!(code(ExitStatus::from_raw(3 << 8)), ExitCode::from(3));
        assert_eq!(code(ExitStatus::from_raw(15)), ExitCode::from(143));
    }
}
