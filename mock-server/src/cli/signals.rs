//! The signals that stop the server, on Unix and on Windows.

use std::io;
use std::time::Duration;

use tokio::sync::mpsc;

/// A request to stop.
#[derive(Clone, Copy, Debug)]
pub struct StopSignal {
    name: &'static str,
    number: i32,
}

impl StopSignal {
    /// The name, for people.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The number; on Windows the one that Node gives to the event, so that both have the same exit code.
    pub const fn number(self) -> i32 {
        self.number
    }
}

/// The time that a signal takes at most, as a rule, from the operating system to the one who waits for it.
const DELIVERY: Duration = Duration::from_millis(10);

/// The requests to stop that this process receives.
#[derive(Debug)]
pub struct StopSignals(mpsc::UnboundedReceiver<StopSignal>);

impl StopSignals {
    /// Observes the signals from now on, so that none ends the process by itself.
    ///
    /// # Errors
    ///
    /// The operating system refuses: a sentence.
    pub fn observe() -> Result<Self, String> {
        let (sender, receiver) = mpsc::unbounded_channel();
        observe(&sender).map_err(|error| format!("the signal handlers cannot be set up: {error}"))?;
        Ok(Self(receiver))
    }

    /// Waits for the next signal, and tells which it was.
    pub async fn next(&mut self) -> StopSignal {
        match self.0.recv().await {
            Some(signal) => signal,
            // No signal can arrive any more.
            None => std::future::pending().await,
        }
    }

    /// A signal that has arrived already and that nobody has waited for.
    pub async fn arrived(&mut self) -> Option<StopSignal> {
        tokio::select! {
            biased;
            signal = self.next() => Some(signal),
            () = tokio::time::sleep(DELIVERY) => None,
        }
    }

    /// Waits for the next signal after this time. Earlier ones are ignored.
    pub async fn next_after(&mut self, time: Duration) -> StopSignal {
        tokio::time::sleep(time).await;
        while self.0.try_recv().is_ok() {}
        self.next().await
    }
}

/// Sends a signal on each time that it arrives.
macro_rules! forward {
    ($sender:expr, $stop:expr, $signal:expr) => {
        let (sender, stop, mut signal) = ($sender.clone(), $stop, $signal);
        tokio::spawn(async move {
            while signal.recv().await.is_some() {
                if sender.send(stop).is_err() {
                    return;
                }
            }
        });
    };
}

#[cfg(unix)]
fn observe(sender: &mpsc::UnboundedSender<StopSignal>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    for (name, kind) in [
        ("SIGINT", SignalKind::interrupt()),
        ("SIGTERM", SignalKind::terminate()),
        ("SIGHUP", SignalKind::hangup()),
        ("SIGQUIT", SignalKind::quit()),
    ] {
        if kind == SignalKind::hangup() && is_ignored(kind.as_raw_value()) {
            continue;
        }
        forward!(sender, StopSignal { name, number: kind.as_raw_value() }, signal(kind)?);
    }
    Ok(())
}

/// Whether this process was started so that it ignores a signal, as `nohup` starts it. Only Linux tells this in a file.
#[cfg(unix)]
fn is_ignored(number: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()).unwrap_or_default();
    // The lowest bit is that of the signal 1.
    ignored & (1 << (number - 1)) != 0
}

#[cfg(windows)]
fn observe(sender: &mpsc::UnboundedSender<StopSignal>) -> io::Result<()> {
    use tokio::signal::windows;

    forward!(sender, StopSignal { name: "Ctrl-C", number: 2 }, windows::ctrl_c()?);
    forward!(sender, StopSignal { name: "Ctrl-Break", number: 21 }, windows::ctrl_break()?);
    forward!(sender, StopSignal { name: "the end of the console", number: 1 }, windows::ctrl_close()?);
    forward!(sender, StopSignal { name: "the end of the system", number: 15 }, windows::ctrl_shutdown()?);
    Ok(())
}
