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
    /// Processes that wanted to run, on average over the minute before the start, if the system tells.
    pub(crate) load_average: Option<f64>,
}

impl Machine {
    /// This machine, now.
    ///
    /// # Errors
    /// If the time is out of range.
    pub(crate) fn here() -> Result<Self> {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = model_name(&cpuinfo).map(str::to_owned);
        let average = fs::read_to_string("/proc/loadavg").ok();
        Ok(Self {
            date: Timestamp::now().round(Unit::Second)?.to_string(),
            processor: model.unwrap_or_else(|| output("sysctl", &["-n", "machdep.cpu.brand_string"])),
            cores: std::thread::available_parallelism()?.get(),
            kernel: output("uname", &["-sr"]),
            rustc: output("rustc", &["--version"]),
            load_average: average.and_then(|text| text.split_whitespace().next()?.parse().ok()),
        })
    }

    /// The machine in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let Self { date, processor, cores, kernel, rustc, load_average } = self;
        let load = load_average.map(|load| format!(", load average {load:.2} at the start")).unwrap_or_default();
        format!("{date}, {processor}, {cores} cores, {kernel}, {rustc}{load}.")
    }
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
    fn the_model_is_the_text_after_the_colon() {
        assert_eq!(model_name("processor\t: 0\nmodel name\t: AMD EPYC\n"), Some("AMD EPYC"));
        assert_eq!(model_name("processor\t: 0\n"), None);
    }
}
