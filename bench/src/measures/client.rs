//! The packed client in Chromium, against what a page would do without it. A Node script drives the browser and reports times.

use anyhow::Result;
use serde::Deserialize;

use super::node::report;
use crate::figure::{Figure, Target, Unit};
use crate::plan::Plan;
use crate::statistics::{median, percentile};
use crate::table::grouped;

/// The report of the script: times in milliseconds, sizes in bytes.
#[derive(Deserialize)]
struct Measured {
    loading: Loading,
    fetching: Vec<Fetching>,
    renewing: Renewing,
    memory: Memory,
}

/// From the import of the package to a client, in fresh pages; beside it, fetching the same files.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Loading {
    cold: Vec<Load>,
    plain_cold: Vec<f64>,
    warm: Vec<Load>,
    plain_warm: Vec<f64>,
}

/// A load and its steps.
#[derive(Deserialize)]
struct Load {
    total: f64,
    import: f64,
    wasm: f64,
    create: f64,
}

/// The calls of one round.
#[derive(Deserialize)]
struct Fetching {
    client: Vec<f64>,
    plain: Vec<f64>,
}

/// The same calls with a valid and with an expired access token, and one refresh.
#[derive(Deserialize)]
struct Renewing {
    valid: Vec<f64>,
    expired: Vec<f64>,
    refresh: Vec<f64>,
}

/// The WebAssembly memory before and after the refreshes.
#[derive(Deserialize)]
struct Memory {
    before: f64,
    after: f64,
}

/// All of it.
///
/// # Errors
/// If Node, Chromium or the packed package is missing, or a call gets a wrong answer.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Figure>> {
    // A refresh takes a millisecond or two.
    let refreshes = plan.users / 100;
    let measured: Measured = report(plan, "bench/client/measure.mjs", &["--refreshes", &refreshes.to_string()])?;
    let Measured { loading, fetching, renewing, memory } = measured;
    Ok([
        loads("warm HTTP cache", &loading.warm, loading.plain_warm),
        loads("empty HTTP cache", &loading.cold, loading.plain_cold),
        fetches(&fetching),
        vec![renewals(renewing), refreshed_memory(&memory, refreshes)],
    ]
    .concat())
}

fn alone(name: impl Into<String>, unit: Unit, rounds: Vec<f64>) -> Figure {
    Figure::alone("client", name, unit, rounds)
}

/// The time to a client, its slowest tenth, and its steps.
fn loads(cache: &str, loads: &[Load], plain: Vec<f64>) -> Vec<Figure> {
    let each = |part: fn(&Load) -> f64| loads.iter().map(part).collect::<Vec<_>>();
    let step = |name: &str, part| alone(format!("{name}, {cache}"), Unit::Milliseconds, each(part));
    let total = step("import to client", |load| load.total);
    let slow =
        alone(format!("import to client, {cache}, p90"), Unit::Milliseconds, vec![percentile(&total.rounds, 90.0)]);
    vec![
        total.against("fetch of the same files", plain).target(Target::ValueAtMost(10.0)),
        slow,
        step("of it the import", |load| load.import),
        step("of it fetching, compiling and instantiating the wasm", |load| load.wasm),
        step("of it the rest of create()", |load| load.create),
    ]
}

/// A call by `client.fetch` and by `fetch`, and the difference; the rounds are medians.
fn fetches(rounds: &[Fetching]) -> Vec<Figure> {
    let medians = |side: fn(&Fetching) -> &Vec<f64>| -> Vec<f64> {
        rounds.iter().map(|round| median(side(round)) * 1e3).collect()
    };
    let (client, plain) = (medians(|round| &round.client), medians(|round| &round.plain));
    let added = client.iter().zip(&plain).map(|(client, plain)| client - plain).collect();
    vec![
        alone("GET users by client.fetch", Unit::Microseconds, client).against("fetch", plain),
        alone("added to fetch by client.fetch", Unit::Microseconds, added).target(Target::ValueAtMost(100.0)),
    ]
}

/// Simultaneous calls that first have to renew the access token, over the same calls and a refresh on their own.
fn renewals(Renewing { valid, expired, refresh }: Renewing) -> Figure {
    let apart = valid.iter().zip(&refresh).map(|(valid, refresh)| valid + refresh).collect();
    alone("100 calls with an expired access token", Unit::Milliseconds, expired)
        .against("with a valid one, and a refresh", apart)
        .target(Target::RatioAtMost(1.3))
}

fn refreshed_memory(memory: &Memory, refreshes: usize) -> Figure {
    let name = format!("wasm memory after {} refreshes", grouped(refreshes as f64));
    alone(name, Unit::Bytes, vec![memory.after]).against("before", vec![memory.before]).target(Target::RatioAtMost(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_fetch_is_held_against_the_fetch_of_the_same_round() {
        let round = |client, plain| Fetching { client: vec![client], plain: vec![plain] };
        // The second round met a busy machine in both halves.
        let figures = fetches(&[round(0.55, 0.5), round(5.06, 5.0), round(0.57, 0.5)]);
        let added = figures.last().unwrap();
        assert!((added.value - 60.0).abs() < 1e-6, "{added:?}");
        assert_eq!(added.reached, Some(true));
    }

    #[test]
    fn a_renewal_is_held_against_the_calls_and_the_refresh_together() {
        let figure = renewals(Renewing { valid: vec![30.0], expired: vec![52.0], refresh: vec![10.0] });
        assert_eq!((figure.ratio, figure.reached), (Some(1.3), Some(true)));
        let figure = renewals(Renewing { valid: vec![30.0], expired: vec![53.0], refresh: vec![10.0] });
        assert_eq!(figure.reached, Some(false));
    }

    #[test]
    fn a_memory_that_grew_misses_its_target() {
        let memory = |after| refreshed_memory(&Memory { before: 1_114_112.0, after }, 10_000);
        assert_eq!(memory(1_114_112.0).reached, Some(true));
        assert_eq!(memory(1_179_648.0).reached, Some(false));
    }

    #[test]
    fn the_steps_of_a_load_follow_its_total() {
        let load = || Load { total: 9.0, import: 2.0, wasm: 4.0, create: 3.0 };
        let values: Vec<f64> = loads("x", &[load(), load()], vec![3.0; 2]).iter().map(|figure| figure.value).collect();
        assert_eq!(values, [9.0, 9.0, 2.0, 4.0, 3.0]);
    }
}
