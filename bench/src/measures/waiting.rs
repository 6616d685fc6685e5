//! How long another caller waits while the heaviest calls run.

use std::time::Duration;

use anyhow::Result;

use crate::caller::AnyCaller;
use crate::callers::{Cycle, Exchange};
use crate::calls::{USERS, bearer, client_id};
use crate::figure::{Figure, Target, Unit};
use crate::load::Load;
use crate::plan::Plan;
use crate::population::Population;
use crate::progress::say;
use crate::session::Session;
use crate::table::grouped;

/// The longest time that GET users may take beside a heavy call, in milliseconds.
const BOUND_MS: f64 = 5.0;

/// The longest GET users of each round, with a heavy call running and without.
///
/// # Errors
/// If the server does not start or gives a wrong answer.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Figure>> {
    let population = Population::register(plan, plan.users, &[])?;
    let server = &population.server;
    let admin = bearer(&Session::open(server.address)?.admin(server)?);
    let reader = Exchange::get(USERS, &bearer(&population.first()?.pair.access), "\"DeviceToken\":\"");
    let last = population.users.last().map_or(0, |user| user.number);
    let headers = server.instance()?.headers();

    let page = format!("{USERS}/GetFilteredPage");
    let find = format!("{USERS}/find?ClientId={}", client_id(last));
    let exists = format!("/v1/Check/UserExists?ClientId={}", client_id(last));
    let heavy = [
        ("GetFilteredPage", Exchange::post(&page, &admin, "{}", "\"TotalUsers\"")),
        ("find?ClientId", Exchange::get(&find, &admin, &client_id(last))),
        ("UserExists", Exchange::get(&exists, &headers, "\"Result\"")),
    ];

    let mut figures = Vec::new();
    for (name, exchange) in heavy {
        let alone = [Box::new(Cycle::new([reader.clone()])) as AnyCaller];
        let mut alone = Load::connect(server.address, alone)?;
        let beside = [Cycle::new([reader.clone()]), Cycle::new([exchange])].map(|cycle| Box::new(cycle) as AnyCaller);
        let mut beside = Load::connect(server.address, beside)?;
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for round in 1..=plan.rounds {
            let (wait, heavy_calls) = longest(&mut beside, plan.round)?;
            let (wait_alone, _) = longest(&mut alone, plan.round)?;
            say(&format!(
                "  {name}, round {round} of {}: the longest GET users took {wait:.2} ms beside {heavy_calls} calls, \
                 {wait_alone:.2} ms alone",
                plan.rounds
            ));
            with.push(wait);
            without.push(wait_alone);
        }
        let name = format!("longest GET users beside {name} at {} users", grouped(plan.users as f64));
        let figure = Figure::alone("waiting", name, Unit::Milliseconds, with).against("alone", without);
        figures.push(figure.target(Target::ValueAtMost(BOUND_MS)));
    }
    Ok(figures)
}

/// The longest time of a call on the first connection, in milliseconds, and the number of calls on the other one.
pub(super) fn longest(load: &mut Load<AnyCaller>, length: Duration) -> Result<(f64, usize)> {
    load.reconnect()?;
    let (mut wait, mut others) = (Duration::ZERO, 0);
    load.closed_observed(length, |connection, time| {
        if connection == 0 {
            wait = wait.max(time);
        } else {
            others += 1;
        }
    })?;
    Ok((wait.as_secs_f64() * 1e3, others))
}
