//! What a person sees while things happen.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How often a silent command is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How often a log, which cannot overwrite its last line, is told that a command still runs.
const REMIND: Duration = Duration::from_secs(30);
/// How much of a failed command's output is shown.
const LAST_LINES: usize = 60;

/// Says one line on standard error.
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// Runs a command whose output is the point, and says first which one.
///
/// # Errors
/// When it cannot be started or fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    say(&format!("$ {shown}"));
    let status = command.status().with_context(|| format!("`{shown}` could not be started"))?;
    check(&shown, status)
}

/// Runs a command behind one line with the time it takes; its output, kept in `log`, is shown only if it fails.
///
/// # Errors
/// When it cannot be started or fails.
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
        thread::sleep(LOOK);
    };
    line.end(status.success());

    if !status.success() {
        for line in last_lines(&fs::read_to_string(log).unwrap_or_default()) {
            say(&format!("  | {line}"));
        }
    }
    check(&shown, status)
}

/// A command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_else(|| command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// A duration as a person would say it.
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

/// The one line of a quiet command: on a terminal it counts the seconds, in a log it comes back now and then.
struct Line<'a> {
    what: &'a str,
    began: Instant,
    said: Instant,
    terminal: bool,
}

impl<'a> Line<'a> {
    fn begin(what: &'a str) -> Self {
        let now = Instant::now();
        let line = Self { what, began: now, said: now, terminal: io::stderr().is_terminal() };
        if line.terminal {
            line.overwrite("");
        }
        line
    }

    fn tick(&mut self) {
        let pause = if self.terminal { Duration::from_secs(1) } else { REMIND };
        if self.said.elapsed() < pause {
            return;
        }
        self.said = Instant::now();
        let so_far = time(self.began.elapsed());
        if self.terminal {
            self.overwrite(&so_far);
        } else {
            say(&format!("  {} … {so_far}", self.what));
        }
    }

    fn end(&self, well: bool) {
        let outcome = if well { "done in" } else { "failed after" };
        if self.terminal {
            self.overwrite("");
            eprint!("\r");
        }
        say(&format!("  {} … {outcome} {}", self.what, time(self.began.elapsed())));
    }

    fn overwrite(&self, note: &str) {
        eprint!("\r\x1b[K  {} … {note}", self.what);
        // Nothing to be done where even standard error is gone.
        let _ = io::stderr().flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_tenths_of_a_second_only_where_they_matter() {
        assert_eq!(time(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(time(Duration::from_millis(59_900)), "59 s");
        assert_eq!(time(Duration::from_secs(112)), "1 min 52 s");
    }

    #[test]
    fn shows_a_command_without_the_folder_of_its_program() {
        let mut command = Command::new("/some/where/bin/wasm-opt");
        command.args(["-Oz", "in.wasm"]);
        assert_eq!(shown(&command), "wasm-opt -Oz in.wasm");
    }

    #[test]
    fn shows_only_the_end_of_a_long_output() {
        let text = (0..LAST_LINES + 2).map(|n| format!("{n}\n")).collect::<String>();
        assert_eq!(last_lines(&text).next(), Some("2"));
        assert_eq!(last_lines("one\ntwo").count(), 2);
    }

    #[test]
    fn a_failing_quiet_command_is_an_error_that_names_it() {
        let log = std::env::temp_dir().join(format!("xtask-progress-{}.log", std::process::id()));
        let error = quietly("failing", Command::new("sh").args(["-c", "exit 3"]), &log).unwrap_err();
        let _ = fs::remove_file(log);
        assert!(error.to_string().starts_with("`sh -c exit 3` failed"), "{error}");
    }
}
