//! The log on standard error. A reader that has gone, or reads no more, never stops the server.

use std::io::{self, IsTerminal as _, Write};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

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
    pub fn start(filter: &str) -> Result<Self, String> {
        let filter = parse(filter)?;
        let (sender, lines) = mpsc::sync_channel(WAITING_LINES);
        thread::spawn(move || write_all(&lines, &mut io::stderr()));
        let log = Self(sender);
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(io::stderr().is_terminal())
            .with_writer(log.clone())
            .log_internal_errors(false)
            .init();
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

/// The filter of a text. A single word must be a level: the library would take any other one for the name of a module, of which
/// nothing is ever logged.
fn parse(text: &str) -> Result<EnvFilter, String> {
    let is_word = text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-');
    let is_known = !is_word || text.parse::<LevelFilter>().is_ok() || text.starts_with("telematics_mock");
    EnvFilter::try_new(text).ok().filter(|_| is_known && !text.trim().is_empty()).ok_or_else(|| {
        format!(
            "--log '{text}' is not a valid filter; try error, warn, info, debug, trace, off or telematics_mock=trace"
        )
    })
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
    fn a_level_a_module_and_a_list_of_both_are_filters_and_any_other_word_is_not() {
        for valid in ["info", "WARN", "off", "telematics_mock", "telematics_mock=trace", "warn,telematics_mock=debug"] {
            assert!(parse(valid).is_ok(), "{valid}");
        }
        for invalid in ["silly", "verbose", "", " ", "telematics_mock=loud"] {
            assert!(parse(invalid).is_err(), "{invalid}");
        }
    }

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
