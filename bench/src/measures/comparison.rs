//! Two servers under load in turn.

use std::time::Duration;

use anyhow::Result;

use crate::caller::Caller;
use crate::figure::Processor;
use crate::load::Load;
use crate::plan::Plan;
use crate::progress::say;
use crate::server::{self, Server};
use crate::session::Session;
use crate::statistics::median;

/// The two sides of a comparison, round by round.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// Requests a second of the subject.
    pub(super) subject: Vec<f64>,
    /// Requests a second of the baseline.
    pub(super) baseline: Vec<f64>,
    /// Processor time of the subject's server, of the baseline's server and of the load while it asked the baseline:
    /// microseconds a request.
    processor: [Vec<f64>; 3],
}

/// One round of one side.
struct Round {
    per_second: f64,
    server_us: Option<f64>,
    load_us: Option<f64>,
}

impl Comparison {
    fn add(&mut self, subject: &Round, baseline: &Round) {
        self.subject.push(subject.per_second);
        self.baseline.push(baseline.per_second);
        let times = [subject.server_us, baseline.server_us, baseline.load_us];
        self.processor.iter_mut().zip(times).for_each(|(rounds, time)| rounds.extend(time));
    }

    /// Processor time for each request, if the system tells it.
    pub(super) fn processor(&self) -> Option<Processor> {
        let [server, baseline, load] = self.processor.each_ref().map(|rounds| median(rounds));
        let all = self.processor.iter().all(|rounds| !rounds.is_empty());
        all.then_some(Processor { server_us: server, baseline_us: baseline, load_us: load })
    }
}

/// A server under load.
pub(super) struct Side<'a, C> {
    /// The name for the person who waits.
    pub(super) name: &'static str,
    /// The server.
    pub(super) server: &'a Server,
    /// The connections to it.
    pub(super) load: Load<C>,
    /// Whether the server goes back to its start after each round.
    pub(super) reset: bool,
}

impl<C: Caller> Side<'_, C> {
    fn round(&mut self, length: Duration) -> Result<Round> {
        self.load.reconnect()?;
        let before = (self.server.processor_time(), server::own_processor_time());
        let throughput = self.load.closed(length)?;
        let after = (self.server.processor_time(), server::own_processor_time());
        if self.reset {
            Session::open(self.server.address)?.post("/__mock/reset", "", "{}")?;
        }
        let each = |before: Option<Duration>, after: Option<Duration>| {
            let used = after?.saturating_sub(before?);
            Some(used.as_secs_f64() * 1e6 / throughput.answers as f64)
        };
        Ok(Round {
            per_second: throughput.per_second(),
            server_us: each(before.0, after.0),
            load_us: each(before.1, after.1),
        })
    }
}

/// Measures both sides in turn: A B A B, so that other work on the machine meets both.
///
/// # Errors
/// If a server gives a wrong answer.
pub(super) fn compare<C: Caller>(
    plan: &Plan,
    what: &str,
    subject: &mut Side<'_, C>,
    baseline: &mut Side<'_, C>,
) -> Result<Comparison> {
    let warm_up = plan.round.min(Duration::from_millis(500));
    subject.round(warm_up)?;
    baseline.round(warm_up)?;
    let mut comparison = Comparison::default();
    for round in 1..=plan.rounds {
        let value = subject.round(plan.round)?;
        let base = baseline.round(plan.round)?;
        say(&format!(
            "  {what}, round {round} of {}: {} {:.0} /s, {} {:.0} /s, ratio {:.3}",
            plan.rounds,
            subject.name,
            value.per_second,
            baseline.name,
            base.per_second,
            value.per_second / base.per_second
        ));
        comparison.add(&value, &base);
    }
    Ok(comparison)
}
