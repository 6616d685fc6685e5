//! The servers as processes, which end with the benchmark, also if a signal ends it. The only file that knows signal-hook.

use std::collections::BTreeMap;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// The running processes by their ids.
static RUNNING: Mutex<BTreeMap<u32, Child>> = Mutex::new(BTreeMap::new());

fn running() -> MutexGuard<'static, BTreeMap<u32, Child>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends every running process if SIGHUP, SIGINT or SIGTERM arrives, and then this process.
///
/// # Errors
/// If the signals cannot be observed.
pub(crate) fn end_all_on_a_signal() -> Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    thread::spawn(move || {
        let Some(signal) = signals.forever().next() else { return };
        // Locked until this process ends, so that it starts no further process.
        let mut running = running();
        running.values_mut().for_each(end);
        let _ = emulate_default_handler(signal);
    });
    Ok(())
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// A running process; it is ended when this is dropped.
pub(crate) struct Process {
    id: u32,
    /// Its standard input, if that is a pipe.
    pub(crate) stdin: Option<ChildStdin>,
    /// Its standard output, if that is a pipe.
    pub(crate) stdout: Option<ChildStdout>,
}

impl Process {
    /// Starts a process.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        // Locked before the start, so that a signal cannot miss the process.
        let mut running = running();
        let mut child = command.spawn()?;
        let process = Self { id: child.id(), stdin: child.stdin.take(), stdout: child.stdout.take() };
        running.insert(process.id, child);
        Ok(process)
    }

    /// Its id.
    pub(crate) const fn id(&self) -> u32 {
        self.id
    }

    /// Its exit status, if it has ended.
    ///
    /// # Errors
    /// If the system does not tell.
    pub(crate) fn exit_status(&self) -> Result<Option<ExitStatus>> {
        Ok(running().get_mut(&self.id).context("the process is unknown")?.try_wait()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let child = running().remove(&self.id);
        child.into_iter().for_each(|mut child| end(&mut child));
    }
}
