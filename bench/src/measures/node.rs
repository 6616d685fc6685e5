//! Measures that are scripts of Node: they print their report as one line of JSON.

use std::io::Read as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::de::DeserializeOwned;

use crate::folders::repository;
use crate::plan::Plan;
use crate::process::Process;
use crate::server::without_variables;

/// Runs a script of the repository and reads its report. The script and what it starts use both cores, as they do for a person.
///
/// # Errors
/// If Node is missing, or the script fails.
pub(super) fn report<T: DeserializeOwned>(plan: &Plan, script: &str, arguments: &[&str]) -> Result<T> {
    let mut node = Command::new("node");
    node.current_dir(repository()?).arg(script).arg("--binary").arg(plan.binary.canonicalize()?);
    node.args(["--rounds", &plan.rounds.to_string()]).args(arguments);
    without_variables(&mut node);
    node.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut process = plan.cores.on_both(|| Process::start(&mut node).context("node could not be started"))?;
    let mut report = String::new();
    process.stdout.take().context("node has no standard output")?.read_to_string(&mut report)?;
    if report.is_empty() {
        bail!("{script} failed; its output is above");
    }
    serde_json::from_str(&report).with_context(|| format!("{script} printed no report"))
}
