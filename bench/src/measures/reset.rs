//! A reset of many users: how long it takes, and how long another caller waits meanwhile.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::caller::AnyCaller;
use crate::callers::{Cycle, Exchange};
use crate::calls::{CREATE, CREATE_MULTIPLE};
use crate::figure::{Figure, Unit};
use crate::load::Load;
use crate::plan::Plan;
use crate::progress::say;
use crate::server::{Instance, Server};
use crate::session::Session;
use crate::table::grouped;

/// The users that a reset drops.
const USERS: usize = 100_000;
/// Users in one `CreateMultiple`.
const BATCH: usize = 10_000;
/// How long the other caller goes on: long enough for the old users to be dropped.
const LENGTH: Duration = Duration::from_millis(500);

/// Resets of an instance, then of the server.
///
/// # Errors
/// If the server does not start or gives a wrong answer.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Figure>> {
    let server = Server::mock(&plan.binary, &[], plan.cores)?;
    let mut session = Session::open(server.address)?;
    let instance: Instance = serde_json::from_str(&session.post("/__mock/instances", "", "{}")?)?;
    let here = server.instance()?.clone();
    let mut figures = Vec::new();
    for (name, home, path) in [
        ("an instance", &instance, format!("/__mock/reset?instance={}", instance.instance_id)),
        ("the server", &here, "/__mock/reset".to_owned()),
    ] {
        let (mut times, mut waits) = (Vec::new(), Vec::new());
        for round in 1..=plan.rounds {
            let body = format!(r#"{{"Quantity":{BATCH},"CreateAccessToken":false}}"#);
            for _ in 0..USERS / BATCH {
                session.post(CREATE_MULTIPLE, &home.headers(), &body)?;
            }
            // A registration needs the same lock as a reset, and is answered before and after it.
            let other = Cycle::new([Exchange::post(CREATE, &here.headers(), "{}", "\"DeviceToken\"")]);
            let reset = Cycle::once(Exchange::post(&path, "", "{}", ""));
            let callers = [other, reset].map(|cycle| Box::new(cycle) as AnyCaller);
            let mut longest = [Duration::ZERO; 2];
            Load::connect(server.address, callers)?.closed_observed(LENGTH, |connection, time| {
                longest.get_mut(connection).into_iter().for_each(|longest| *longest = time.max(*longest));
            })?;
            let [wait, time] = longest.map(|longest| longest.as_secs_f64() * 1e3);
            say(&format!(
                "  reset of {name}, round {round} of {}: {time:.2} ms; the longest Create beside it {wait:.2} ms",
                plan.rounds
            ));
            times.push(time);
            waits.push(wait);
        }
        let users = grouped(USERS as f64);
        let reset = format!("reset of {name} with {users} users");
        let beside = format!("longest Create beside the reset of {name}");
        figures.push(Figure::alone("reset", reset, Unit::Milliseconds, times));
        figures.push(Figure::alone("reset", beside, Unit::Milliseconds, waits));
    }
    session.get(crate::calls::HEALTH, "").context("the server does not answer after its resets")?;
    Ok(figures)
}
