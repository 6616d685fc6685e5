//! The latency of RefreshToken at half of the rate that the mock server can bear.

use std::time::Duration;

use anyhow::Result;

use super::calls;
use crate::figure::{Figure, Target, Unit};
use crate::load::Load;
use crate::plan::Plan;
use crate::progress::say;
use crate::server::Server;
use crate::statistics::{median, percentile};

/// p50 and p99 over those of bare hyper at the same rate.
///
/// # Errors
/// If a server does not start, gives a wrong answer or does not keep up.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Figure>> {
    let mock = Server::mock(&plan.binary, &[], plan.cores)?;
    let prepared = calls::refresh(plan, &mock)?;
    let bare = Server::bare(&[prepared.answer], plan.cores)?;
    let mut mock_load = Load::connect(mock.address, prepared.callers)?;
    let mut bare_load = Load::connect(bare.address, prepared.bare_callers)?;

    let peaks = (0..3).map(|_| Ok(mock_load.closed(plan.round / 2)?.per_second())).collect::<Result<Vec<_>>>()?;
    let rate = median(&peaks) / 2.0;
    say(&format!("  {rate:.0} requests a second are due, half of the measured peak"));

    let (mut p50, mut p99) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for round in 1..=plan.rounds {
        mock_load.reconnect()?;
        bare_load.reconnect()?;
        let latencies = [mock_load.paced(rate, plan.round)?, bare_load.paced(rate, plan.round)?];
        for (side, latencies) in latencies.iter().enumerate() {
            for (percentiles, percent) in [(&mut p50, 50.0), (&mut p99, 99.0)] {
                let value = microseconds(percentile(latencies, percent));
                percentiles.get_mut(side).into_iter().for_each(|rounds| rounds.push(value));
            }
        }
        let last = |percentiles: &[Vec<f64>; 2]| percentiles.each_ref().map(|side| side.last().copied().unwrap_or(0.0));
        let ([mock_p50, bare_p50], [mock_p99, bare_p99]) = (last(&p50), last(&p99));
        say(&format!(
            "  round {round} of {}: mock p50 {mock_p50:.1} µs, p99 {mock_p99:.1} µs; bare hyper p50 {bare_p50:.1} µs, \
             p99 {bare_p99:.1} µs",
            plan.rounds
        ));
    }
    let figure = |name, [mock, bare]: [Vec<f64>; 2]| {
        Figure::alone("latency", name, Unit::Microseconds, mock).against("bare hyper", bare)
    };
    Ok(vec![
        figure("RefreshToken p50 at half the peak", p50),
        figure("RefreshToken p99 at half the peak", p99).target(Target::RatioAtMost(2.0)),
    ])
}

fn microseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
