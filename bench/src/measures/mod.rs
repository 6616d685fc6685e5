//! The measures: each starts its own servers and returns figures.

mod calls;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;

use crate::cores::Cores;
use crate::figure::{Figure, Processor};
use crate::load::{Caller, Load};
use crate::progress::say;
use crate::server::Server;
use crate::statistics::median;

/// How much is measured, and of which binary.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The mock server's binary.
    pub(crate) binary: PathBuf,
    /// Where servers and load run.
    pub(crate) cores: Cores,
    /// Connections of the load.
    pub(crate) connections: usize,
    /// Rounds of each side of a comparison.
    pub(crate) rounds: usize,
    /// The length of a round.
    pub(crate) round: Duration,
    /// The largest number of users.
    pub(crate) users: usize,
}

/// A measure, as `--only` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    /// Requests a second of health, RefreshToken, Create and GET users, each against bare hyper
    Calls,
}

impl Measure {
    /// Measures.
    ///
    /// # Errors
    /// If a server does not start or gives a wrong answer.
    pub(crate) fn run(self, plan: &Plan) -> Result<Vec<Figure>> {
        match self {
            Self::Calls => calls::measure(plan),
        }
    }
}

/// The two sides of a comparison, round by round.
#[derive(Debug, Default)]
struct Comparison {
    subject: Vec<f64>,
    baseline: Vec<f64>,
    subject_us: Vec<f64>,
    baseline_us: Vec<f64>,
}

impl Comparison {
    /// Processor time for each request, if the system tells it.
    fn processor(&self) -> Option<Processor> {
        let any = !self.subject_us.is_empty() && !self.baseline_us.is_empty();
        any.then(|| Processor { server_us: median(&self.subject_us), baseline_us: median(&self.baseline_us) })
    }
}

/// A server under load.
struct Side<C> {
    name: &'static str,
    server: Server,
    load: Load<C>,
    /// The path of a request that brings the server back to its start after each round.
    reset: bool,
}

impl<C: Caller> Side<C> {
    /// Requests a second in one round, and the processor time of the server for each in microseconds.
    fn round(&mut self, length: Duration) -> Result<(f64, Option<f64>)> {
        let before = self.server.processor_time();
        let throughput = self.load.closed(length)?;
        let used = self.server.processor_time().zip(before).map(|(after, before)| after.saturating_sub(before));
        self.server.check()?;
        if self.reset {
            crate::session::Session::open(self.server.address)?.post("/__mock/reset", "", "{}")?;
        }
        Ok((throughput.per_second(), used.map(|used| used.as_secs_f64() * 1e6 / throughput.answers as f64)))
    }
}

/// Measures both sides in turn: A B A B, so that whatever else the machine does meets both.
fn compare<C: Caller>(plan: &Plan, what: &str, subject: &mut Side<C>, baseline: &mut Side<C>) -> Result<Comparison> {
    let warm_up = plan.round.min(Duration::from_millis(500));
    subject.round(warm_up)?;
    baseline.round(warm_up)?;
    let mut comparison = Comparison::default();
    for round in 1..=plan.rounds {
        let (value, value_us) = subject.round(plan.round)?;
        let (base, base_us) = baseline.round(plan.round)?;
        say(&format!(
            "  {what}, round {round} of {}: {} {value:.0} /s, {} {base:.0} /s, ratio {:.3}",
            plan.rounds,
            subject.name,
            baseline.name,
            value / base
        ));
        comparison.subject.push(value);
        comparison.baseline.push(base);
        comparison.subject_us.extend(value_us);
        comparison.baseline_us.extend(base_us);
    }
    Ok(comparison)
}
