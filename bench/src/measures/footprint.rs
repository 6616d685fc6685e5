//! Start, memory and size: what the server costs before and between requests.

use std::fs;
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::bare_hyper::Answer;
use crate::calls::{CREATE_MULTIPLE, HEALTH};
use crate::figure::{Figure, Target, Unit};
use crate::plan::Plan;
use crate::population::Population;
use crate::progress::say;
use crate::server::Server;
use crate::session::Session;
use crate::table::grouped;

/// How often each server is started.
const STARTS: usize = 21;
/// Users in one `CreateMultiple`: few enough that its answer is not what takes the memory.
const BATCH: usize = 1_000;

/// All of it.
///
/// # Errors
/// If a server does not start, or the system does not tell a process's memory.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Figure>> {
    let [start, idle] = starts(plan)?;
    let size = fs::metadata(&plan.binary)?.len() as f64 / 1e6;
    Ok(vec![
        start.target(Target::ValueAtMost(10.0)),
        idle.target(Target::ValueAtMost(10.0)),
        user(plan)?.target(Target::ValueAtMost(400.0)),
        user_with_profile(plan)?,
        Figure::alone("footprint", "size of the binary", Unit::Megabytes, vec![size]).target(Target::ValueAtMost(8.0)),
    ])
}

/// Starts both servers in turn: the time to the first answer, and the memory after it.
fn starts(plan: &Plan) -> Result<[Figure; 2]> {
    let health = Answer { path: HEALTH.to_owned(), headers: Vec::new(), body: "{}".to_owned() };
    let mut times = [Vec::new(), Vec::new()];
    let mut memory = [Vec::new(), Vec::new()];
    for _ in 0..STARTS {
        for side in [0, 1] {
            let started = Instant::now();
            let server = if side == 0 {
                Server::mock(&plan.binary, &[], plan.cores)?
            } else {
                Server::bare(std::slice::from_ref(&health), plan.cores)?
            };
            Session::open(server.address)?.get(HEALTH, "")?;
            let time = started.elapsed().as_secs_f64() * 1e3;
            let megabytes = server.resident_bytes()? as f64 / 1e6;
            times.get_mut(side).context("a third server")?.push(time);
            memory.get_mut(side).context("a third server")?.push(megabytes);
        }
    }
    say(&format!("  started each server {STARTS} times"));
    let figure = |name, unit, [mock, bare]: [Vec<f64>; 2]| {
        Figure::alone("footprint", name, unit, mock).against("bare hyper", bare)
    };
    Ok([
        figure("start to the first answer", Unit::Milliseconds, times),
        figure("idle memory (RSS)", Unit::Megabytes, memory),
    ])
}

/// The memory of a user with tokens and nothing else.
fn user(plan: &Plan) -> Result<Figure> {
    let server = Server::mock(&plan.binary, &[], plan.cores)?;
    let mut session = Session::open(server.address)?;
    let headers = server.instance()?.headers();
    session.register(&server)?;
    let before = server.resident_bytes()?;
    let body = format!(r#"{{"Quantity":{BATCH}}}"#);
    for batch in 1..=plan.users / BATCH {
        session.post(CREATE_MULTIPLE, &headers, &body)?;
        if (batch * BATCH).is_multiple_of(plan.users / 4) {
            say(&format!("  {} of {} users", grouped((batch * BATCH) as f64), grouped(plan.users as f64)));
        }
    }
    let bytes = server.resident_bytes()?.saturating_sub(before) as f64 / plan.users as f64;
    let name = format!("memory of a user at {} users", grouped(plan.users as f64));
    Ok(Figure::alone("footprint", name, Unit::Bytes, vec![bytes]))
}

/// The memory of a user with tokens, an e-mail address and a `ClientId`.
fn user_with_profile(plan: &Plan) -> Result<Figure> {
    // Without a journal: its entries are not part of a user.
    let options = &["--journal-size", "0"];
    let before = Population::register(plan, 1, options)?.server.resident_bytes()?;
    let after = Population::register(plan, plan.users, options)?.server.resident_bytes()?;
    let bytes = after.saturating_sub(before) as f64 / plan.users as f64;
    let name = format!("memory of a user with e-mail and ClientId at {} users", grouped(plan.users as f64));
    Ok(Figure::alone("footprint", name, Unit::Bytes, vec![bytes]))
}
