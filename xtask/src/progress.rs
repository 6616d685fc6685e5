//! Progress on standard error.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The interval between two checks whether a quiet command has ended.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);
/// The interval between two lines about a command that still runs, in a log: it cannot overwrite its last line.
const LOG_INTERVAL: Duration = Duration::from_secs(30);
/// The number of lines of a failed command's output that are shown.
const LAST_LINES: usize = 60;

/// Prints one line to standard error.
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// Prints a command, then runs it with its output on the terminal.
///
/// # Errors
/// If the command cannot be started or fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    say(&format!("$ {shown}"));
    let status = command.status().with_context(|| format!("`{shown}` could not be started"))?;
    check(&shown, status)
}

/// Runs a command and shows one line with the time it takes. Its output goes to `log` and is shown only if it fails.
///
/// # Errors
/// If the command cannot be started or fails.
pub(crate) fn quietly(what: &str, command: &mut Command, log: &Path) -> Result<()> {
    let shown = shown(command);
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    let output = File::create(log).with_context(|| format!("{} cannot be written", log.display()))?;
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);

    let mut child = command.spawn().with_context(|| format!("`{shown}` could not be started"))?;
    let mut line = Line::begin(what);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        line.tick();
        thread::sleep(CHECK_INTERVAL);
    };
    line.end(status.success());

    if !status.success() {
        for line in last_lines(&fs::read_to_string(log).unwrap_or_default()) {
            say(&format!("  | {line}"));
        }
    }
    check(&shown, status)
}

/// A command as a person types it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_else(|| command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// A duration for people.
pub(crate) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

fn check(shown: &str, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

fn last_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().skip(text.lines().count().saturating_sub(LAST_LINES))
}

/// The line of a quiet command: a terminal shows the seconds as they pass, a log gets a new line at an interval.
struct Line<'a> {
    what: &'a str,
    began: Instant,
    shown: Instant,
    terminal: bool,
}

impl<'a> Line<'a> {
    fn begin(what: &'a str) -> Self {
        let now = Instant::now();
        let line = Self { what, began: now, shown: now, terminal: io::stderr().is_terminal() };
        if line.terminal {
            line.overwrite("");
        }
        line
    }

    fn tick(&mut self) {
        let pause = if self.terminal { Duration::from_secs(1) } else { LOG_INTERVAL };
        if self.shown.elapsed() < pause {
            return;
        }
        self.shown = Instant::now();
        let so_far = time(self.began.elapsed());
        if self.terminal {
            self.overwrite(&so_far);
        } else {
            say(&format!("  {} … {so_far}", self.what));
        }
    }

    fn end(&self, success: bool) {
        let outcome = if success { "done in" } else { "failed after" };
        if self.terminal {
            self.overwrite("");
            eprint!("\r");
        }
        say(&format!("  {} … {outcome} {}", self.what, time(self.began.elapsed())));
    }

    fn overwrite(&self, note: &str) {
        eprint!("\r\x1b[K  {} … {note}", self.what);
        // A closed standard error does not stop the command.
        let _ = io::stderr().flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_of_a_second_are_shown_below_ten_seconds() {
        assert_eq!(time(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(time(Duration::from_millis(59_900)), "59 s");
        assert_eq!(time(Duration::from_secs(112)), "1 min 52 s");
    }

    #[test]
    fn a_command_is_shown_without_the_folder_of_its_program() {
        let mut command = Command::new("/some/where/bin/wasm-opt");
        command.args(["-Oz", "in.wasm"]);
        assert_eq!(shown(&command), "wasm-opt -Oz in.wasm");
    }

    #[test]
    fn only_the_end_of_a_long_output_is_shown() {
        let text = (0..LAST_LINES + 2).map(|n| format!("{n}\n")).collect::<String>();
        assert_eq!(last_lines(&text).next(), Some("2"));
        assert_eq!(last_lines("one\ntwo").count(), 2);
    }

    #[test]
    fn the_error_of_a_quiet_command_names_the_command() {
        let log = std::env::temp_dir().join(format!("xtask-progress-{}.log", std::process::id()));
        let error = quietly("failing", Command::new("sh").args(["-c", "exit 3"]), &log).unwrap_err();
        let _ = fs::remove_file(log);
        assert!(error.to_string().starts_with("`sh -c exit 3` failed"), "{error}");
    }
}
