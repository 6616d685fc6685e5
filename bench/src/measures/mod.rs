//! The measures: each starts its own servers and returns figures.

mod calls;
mod client;
mod comparison;
mod footprint;
mod in_process;
mod journal;
mod latency;
mod lookups;
mod node;
mod peers;
mod reset;
mod users;
mod waiting;

use anyhow::Result;
use clap::ValueEnum;

use crate::figure::Figure;
use crate::plan::Plan;

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
    /// The packed client in Chromium: loading, client.fetch, renewal and memory, against plain fetch; needs Node and Chromium
    Client,
    /// The packed mock in Node: createMock, refreshes by mock.fetch, memory, and the start of the command; needs Node
    InProcess,
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
            Self::Client => client::measure(plan),
            Self::InProcess => in_process::measure(plan),
            Self::Peers => peers::measure(plan),
        }
    }
}
