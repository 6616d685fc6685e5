//! The measures: each starts its own servers and returns figures.

mod calls;
mod footprint;
mod journal;
mod latency;
mod lookups;
mod peers;
mod reset;
mod users;
mod waiting;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;

use crate::cores::Cores;
use crate::figure::{Figure, Processor};
use crate::load::{Caller, Load};
use crate::progress::say;
use crate::server::{self, Server};
use crate::session::Session;
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
    /// p50 and p99 of RefreshToken at half the peak rate, against bare hyper at the same rate
    Latency,
    /// RefreshToken at 10^4, 10^5 and 10^6 users, over itself at 10^3
    Users,
    /// find and login at 10^6 users, over themselves at 10^3
    Lookups,
    /// The longest GET users while the heaviest calls run at 10^6 users
    Waiting,
    /// Start, idle memory, memory of a user, size of the binary
    Footprint,
    /// RefreshToken with the journal and with a listener of events, over without
    Journal,
    /// Resets of 100 000 users, and how long another caller waits
    Reset,
    /// RefreshToken against Prism and Mockoon with a static answer; installs both from npm below target
    Peers,
}

impl Measure {
    /// Measures.
    ///
    /// # Errors
    /// If a server does not start or gives a wrong answer.
    pub(crate) fn run(self, plan: &Plan) -> Result<Vec<Figure>> {
        match self {
            Self::Calls => calls::measure(plan),
            Self::Latency => latency::measure(plan),
            Self::Users => users::measure(plan),
            Self::Lookups => lookups::measure(plan),
            Self::Waiting => waiting::measure(plan),
            Self::Footprint => footprint::measure(plan),
            Self::Journal => journal::measure(plan),
            Self::Reset => reset::measure(plan),
            Self::Peers => peers::measure(plan),
        }
    }
}

/// The two sides of a comparison, round by round.
#[derive(Debug, Default)]
struct Comparison {
    subject: Vec<f64>,
    baseline: Vec<f64>,
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
    fn processor(&self) -> Option<Processor> {
        let [server, baseline, load] = self.processor.each_ref().map(|rounds| median(rounds));
        let all = self.processor.iter().all(|rounds| !rounds.is_empty());
        all.then_some(Processor { server_us: server, baseline_us: baseline, load_us: load })
    }
}

/// A server under load.
struct Side<'a, C> {
    name: &'static str,
    server: &'a Server,
    load: Load<C>,
    /// Whether the server goes back to its start after each round.
    reset: bool,
}

impl<C: Caller> Side<'_, C> {
    fn round(&mut self, length: Duration) -> Result<Round> {
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

/// Measures both sides in turn: A B A B, so that whatever else the machine does meets both.
fn compare<C: Caller>(
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
