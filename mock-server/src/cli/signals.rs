//! The signals that stop the server, on Unix and on Windows.

use std::io;
use std::time::Duration;

use tokio::sync::mpsc;

/// The requests to stop that this process receives.
#[derive(Debug)]
pub struct StopSignals(mpsc::UnboundedReceiver<&'static str>);

impl StopSignals {
    /// Observes the signals from now on, so that none ends the process by itself.
    ///
    /// # Errors
    ///
    /// The operating system refuses.
    pub fn observe() -> io::Result<Self> {
        let (sender, receiver) = mpsc::unbounded_channel();
        observe(&sender)?;
        Ok(Self(receiver))
    }

    /// Waits for the next signal, and tells which it was.
    pub async fn next(&mut self) -> &'static str {
        match self.0.recv().await {
            Some(signal) => signal,
            // No signal can arrive any more.
            None => std::future::pending().await,
        }
    }

    /// Waits for the next signal after this time. Earlier ones are ignored.
    pub async fn next_after(&mut self, time: Duration) -> &'static str {
        tokio::time::sleep(time).await;
        while self.0.try_recv().is_ok() {}
        self.next().await
    }
}

/// Sends the name of a signal each time that it arrives.
macro_rules! forward {
    ($sender:expr, $name:literal, $signal:expr) => {
        let (sender, mut signal) = ($sender.clone(), $signal);
        tokio::spawn(async move {
            while signal.recv().await.is_some() {
                if sender.send($name).is_err() {
                    return;
                }
            }
        });
    };
}

#[cfg(unix)]
fn observe(sender: &mpsc::UnboundedSender<&'static str>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    forward!(sender, "SIGINT", signal(SignalKind::interrupt())?);
    forward!(sender, "SIGTERM", signal(SignalKind::terminate())?);
    forward!(sender, "SIGHUP", signal(SignalKind::hangup())?);
    forward!(sender, "SIGQUIT", signal(SignalKind::quit())?);
    Ok(())
}

#[cfg(windows)]
fn observe(sender: &mpsc::UnboundedSender<&'static str>) -> io::Result<()> {
    use tokio::signal::windows;

    forward!(sender, "Ctrl-C", windows::ctrl_c()?);
    forward!(sender, "Ctrl-Break", windows::ctrl_break()?);
    forward!(sender, "the end of the console", windows::ctrl_close()?);
    forward!(sender, "the end of the system", windows::ctrl_shutdown()?);
    Ok(())
}
