//! The log: lines of the same form as those of the native server, written by JavaScript.

use std::fmt;
use std::io::{self, Write};

use telematics_mock_cli::log::filter;
use telematics_mock_core::service::clock::TimeSource as _;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::machine::ask;
use crate::platform::DateTime;

/// Logs events that pass the filter from now on.
///
/// # Errors
///
/// The filter is not valid: a sentence that shows valid ones.
pub fn start(wanted: &str, has_colours: bool) -> Result<(), String> {
    let filter = filter(wanted)?;
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(has_colours)
        .with_timer(DateTime)
        .with_writer(|| Lines)
        .log_internal_errors(false);
    // A log that has started stays.
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
    Ok(())
}

/// Hands each line over to JavaScript.
struct Lines;

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let _ = ask(|machine| machine.log(&String::from_utf8_lossy(line)));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl FormatTime for DateTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{}", self.now())
    }
}
