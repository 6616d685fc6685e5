//! The log on standard error. A reader that has gone, or reads no more, never stops the server.

use std::io::{self, IsTerminal as _, Write};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

use telematics_mock_cli::log::filter;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The number of lines that wait for the reader, at most; further ones are dropped.
const WAITING_LINES: usize = 1024;

/// The time that the last lines have to be written, when the process ends.
const LAST_LINES: Duration = Duration::from_millis(200);

enum Line {
    Text(Vec<u8>),
    /// All lines before this one are written.
    End(mpsc::Sender<()>),
}

/// The log of this process.
#[derive(Clone)]
pub struct Log(SyncSender<Line>);

impl Log {
    /// Writes events that pass the filter to standard error, from now on.
    ///
    /// # Errors
    ///
    /// The filter is not valid: a sentence that shows valid ones.
    pub fn start(wanted: &str) -> Result<Self, String> {
        let filter = filter(wanted)?;
        let (sender, lines) = mpsc::sync_channel(WAITING_LINES);
        thread::spawn(move || write_all(&lines, &mut io::stderr()));
        let log = Self(sender);
        let lines =
            fmt::layer().with_ansi(io::stderr().is_terminal()).with_writer(log.clone()).log_internal_errors(false);
        tracing_subscriber::registry().with(filter).with(lines).init();
        Ok(log)
    }

    /// Waits until the lines so far are written, for a short time at most.
    pub fn flush(&self) {
        let (sender, written) = mpsc::channel();
        if self.0.try_send(Line::End(sender)).is_ok() {
            let _ = written.recv_timeout(LAST_LINES);
        }
    }
}

/// Writes lines until no writer is left. A line that cannot be written is dropped.
fn write_all(lines: &Receiver<Line>, output: &mut impl Write) {
    for line in lines {
        match line {
            Line::Text(text) => {
                let _ = output.write_all(&text);
            }
            Line::End(written) => {
                let _ = written.send(());
            }
        }
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = LineWriter;

    fn make_writer(&'a self) -> LineWriter {
        LineWriter(self.0.clone())
    }
}

/// Hands each line over to the thread that writes.
pub struct LineWriter(SyncSender<Line>);

impl Write for LineWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // A full queue means that nobody reads.
        let _ = self.0.try_send(Line::Text(line.to_vec()));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cannot_be_written_is_dropped() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (sender, lines) = mpsc::sync_channel(2);
        sender.send(Line::Text(b"line\n".to_vec())).unwrap();
        let (end, written) = mpsc::channel();
        sender.send(Line::End(end)).unwrap();
        drop(sender);
        write_all(&lines, &mut Full);
        assert_eq!(written.recv(), Ok(()));
    }

    #[test]
    fn lines_beyond_the_queue_are_dropped_and_never_waited_for() {
        let (sender, lines) = mpsc::sync_channel(1);
        let mut writer = LineWriter(sender);
        for _ in 0..5 {
            assert_eq!(writer.write(b"line\n").unwrap(), 5);
        }
        assert_eq!(lines.try_iter().count(), 1);
    }
}
