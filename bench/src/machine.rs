//! The machine of a run. The only file that knows jiff.

use std::fs;
use std::process::Command;

use anyhow::Result;
use jiff::{Timestamp, Unit};
use serde::Serialize;

/// A machine and a moment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Machine {
    /// When the run started, in UTC.
    pub(crate) date: String,
    /// The processor's model.
    pub(crate) processor: String,
    /// Cores that this process may use.
    pub(crate) cores: usize,
    /// The system and its version.
    pub(crate) kernel: String,
    /// The compiler on the search path.
    pub(crate) rustc: String,
    /// Processes that wanted to run, on average over a minute, at the start and at the end of the run, if the system tells.
    pub(crate) load_average: Vec<f64>,
}

impl Machine {
    /// This machine, now.
    ///
    /// # Errors
    /// If the time is out of range.
    pub(crate) fn here() -> Result<Self> {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = model_name(&cpuinfo).map(str::to_owned);
        Ok(Self {
            date: Timestamp::now().round(Unit::Second)?.to_string(),
            processor: model.unwrap_or_else(|| output("sysctl", &["-n", "machdep.cpu.brand_string"])),
            cores: std::thread::available_parallelism()?.get(),
            kernel: output("uname", &["-sr"]),
            rustc: output("rustc", &["--version"]),
            load_average: load_average().into_iter().collect(),
        })
    }

    /// The machine in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let Self { date, processor, cores, kernel, rustc, load_average } = self;
        let load = match load_average[..] {
            [] => String::new(),
            [start] => format!(", load average {start:.2}"),
            [start, .., end] => format!(", load average {start:.2} at the start and {end:.2} at the end"),
        };
        format!("{date}, {processor}, {cores} cores, {kernel}, {rustc}{load}.")
    }

    /// Notes the load at the end of the run: a busy machine makes the figures worth less.
    pub(crate) fn note_end(&mut self) {
        self.load_average.extend(load_average());
    }
}

fn load_average() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// The processor's model in the text of `/proc/cpuinfo`.
fn model_name(cpuinfo: &str) -> Option<&str> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim())
}

/// The output of a program; `unknown` if it fails.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success());
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_has_the_load_at_both_ends_of_the_run() {
        let text = || "x".to_owned();
        let machine = |load_average| Machine {
            date: text(),
            processor: text(),
            cores: 2,
            kernel: text(),
            rustc: text(),
            load_average,
        };
        assert_eq!(machine(Vec::new()).sentence(), "x, x, 2 cores, x, x.");
        let both = machine(vec![0.1, 2.0]).sentence();
        assert_eq!(both, "x, x, 2 cores, x, x, load average 0.10 at the start and 2.00 at the end.");
    }

    #[test]
    fn the_model_is_the_text_after_the_colon() {
        assert_eq!(model_name("processor\t: 0\nmodel name\t: AMD EPYC\n"), Some("AMD EPYC"));
        assert_eq!(model_name("processor\t: 0\n"), None);
    }
}
