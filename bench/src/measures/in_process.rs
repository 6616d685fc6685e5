//! The packed mock in Node, against what a test would do without it. A Node script measures and reports times.

use serde::Deserialize;

use super::node::report;
use crate::figure::{Figure, Target, Unit};
use crate::plan::Plan;
use crate::table::grouped;

/// The report of the script: times in milliseconds, rates a second, sizes in bytes.
#[derive(Deserialize)]
struct Measured {
    starts: Starts,
    refreshing: Refreshing,
    memory: Memory,
}

/// Starts in fresh processes.
#[derive(Deserialize)]
struct Starts {
    create: Vec<f64>,
    native: Vec<f64>,
    command: Vec<f64>,
    bare: Vec<f64>,
}

/// Refreshes one after the other.
#[derive(Deserialize)]
struct Refreshing {
    mock: Vec<f64>,
    bare: Vec<f64>,
}

/// The WebAssembly memory after the first and after the last of some mocks with users, each of which was freed.
#[derive(Deserialize)]
struct Memory {
    users: f64,
    mocks: f64,
    first: f64,
    last: f64,
}

/// All of it.
///
/// # Errors
/// If Node or the packed package is missing, or a call gets a wrong answer.
pub(super) fn measure(plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    let refreshes = (plan.users / 50).to_string();
    let measured: Measured = report(plan, "bench/in-process/measure.mjs", &["--refreshes", &refreshes])?;
    let Measured { starts: Starts { create, native, command, bare }, refreshing, memory } = measured;
    let alone = |name: String, unit, rounds| Figure::alone("in-process", name, unit, rounds);
    let Memory { users, mocks, first, last } = memory;
    Ok(vec![
        alone("first createMock()".to_owned(), Unit::Milliseconds, create)
            .against("startMockServer() with the binary", native)
            .target(Target::ValueAtMost(50.0)),
        alone("refresh by mock.fetch".to_owned(), Unit::PerSecond, refreshing.mock)
            .against("fetch at a bare server of Node", refreshing.bare)
            .target(Target::ValueAtLeast(3_000.0)),
        alone(
            format!("wasm memory after {} mocks with {} users", grouped(mocks), grouped(users)),
            Unit::Bytes,
            vec![last],
        )
        .against("after the first one", vec![first])
        .target(Target::RatioAtMost(1.0)),
        alone("telematics-mock in Node, start to the first answer".to_owned(), Unit::Milliseconds, command)
            .against("a bare server of Node", bare)
            .target(Target::ValueAtMost(1_000.0)),
    ])
}
