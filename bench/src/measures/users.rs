//! RefreshToken with more and more users, over itself with a thousand.

use anyhow::Result;

use super::comparison::{Side, compare};
use crate::caller::AnyCaller;
use crate::figure::{Figure, Target, Unit};
use crate::load::Load;
use crate::plan::Plan;
use crate::population::Population;
use crate::table::grouped;

/// The number of users that the others are compared with.
pub(super) const FEW: usize = 1_000;

/// Requests a second at each number of users.
///
/// # Errors
/// If a server does not start or gives a wrong answer.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Figure>> {
    let few = Population::register_alike(plan, FEW)?;
    let mut few = side(plan, "10^3 users", &few)?;
    let mut figures = Vec::new();
    for (name, count) in [("10^4 users", 10_000), ("10^5 users", 100_000), ("10^6 users", 1_000_000)] {
        if count > plan.users {
            continue;
        }
        let many = Population::register_alike(plan, count)?;
        let mut many = side(plan, name, &many)?;
        let comparison = compare(plan, "RefreshToken", &mut many, &mut few)?;
        let processor = comparison.processor();
        let name = format!("RefreshToken at {} users", grouped(count as f64));
        let figure = Figure::alone("users", name, Unit::PerSecond, comparison.subject)
            .against("1 000 users", comparison.baseline)
            .target(Target::RatioAtLeast(0.85));
        figures.push(Figure { processor, ..figure });
    }
    Ok(figures)
}

fn side<'a>(plan: &Plan, name: &'static str, population: &'a Population) -> Result<Side<'a, AnyCaller>> {
    let load = Load::connect(population.server.address, population.refreshes(plan.connections))?;
    Ok(Side { name, server: &population.server, load, reset: false })
}
