//! Generated interleavings: four tabs, calls, responses in any order, lost messages, crashes, sign-outs and wrong clocks.
//!
//! The server is as strict as possible: a refresh token works once, and its reuse kills the family. In every interleaving the
//! user stays signed in in every tab, because the server still accepts the device token.

use proptest::prelude::*;

use crate::world::LIFETIME;

mod server;
mod simulation;

use server::Server;
use simulation::{Simulation, Step, TABS};

fn step() -> impl Strategy<Value = Step> {
    let (tab, nth) = (0..TABS, 0..8_usize);
    prop_oneof![
        6 => tab.clone().prop_map(Step::Call),
        2 => tab.clone().prop_map(Step::Refresh),
        12 => nth.clone().prop_map(Step::Answer),
        2 => nth.clone().prop_map(Step::LoseAnswer),
        1 => nth.clone().prop_map(Step::LoseRequest),
        1 => nth.prop_map(Step::Refuse),
        1 => tab.clone().prop_map(Step::Crash),
        1 => tab.clone().prop_map(Step::SignOut),
        3 => tab.prop_map(Step::Listen),
        3 => Just(Step::Expire),
        2 => prop_oneof![Just(1), Just(15), Just(40), Just(LIFETIME)].prop_map(Step::Pass),
        1 => prop_oneof![Just(0), Just(1_790_004_200_000), Just(9_990_000_000_000)].prop_map(Step::SetClock),
    ]
}

/// Steps without lost responses, crashes and passing time.
fn calm_step() -> impl Strategy<Value = Step> {
    let (tab, nth) = (0..TABS, 0..8_usize);
    prop_oneof![
        6 => tab.clone().prop_map(Step::Call),
        2 => tab.clone().prop_map(Step::Refresh),
        12 => nth.clone().prop_map(Step::Answer),
        1 => nth.prop_map(Step::LoseRequest),
        2 => tab.prop_map(Step::Listen),
        3 => Just(Step::Expire),
    ]
}

/// Runs the steps, answers all requests, and checks that every tab can still call the service.
fn run(steps: Vec<Step>, has_locks: bool) {
    let server = Server { allowance: Some(0), ..Server::default() };
    let mut simulation = Simulation::new(if has_locks { server } else { server.unlimited() }, has_locks);
    let loses = |step: &Step| match step {
        Step::LoseAnswer(_) | Step::Crash(_) | Step::SignOut(_) | Step::Pass(_) => true,
        Step::Call(_) | Step::Refresh(_) | Step::Answer(_) | Step::LoseRequest(_) | Step::Refuse(_) => false,
        Step::Listen(_) | Step::Expire | Step::SetClock(_) => false,
    };
    let is_calm = has_locks && !steps.iter().any(loses);
    for step in steps {
        simulation.step(step);
    }
    simulation.settle();
    assert!(!is_calm || simulation.server.reuses == 0, "a refresh token was used twice");
    simulation.server.expire();
    simulation.tabs[0].world.advance_seconds(10);
    for tab in 0..TABS {
        simulation.step(Step::Call(tab));
    }
    let errors = simulation.settle();
    assert!(errors.is_empty(), "a tab can no longer call the service: {errors:?}");
}

/// 400 cases of each test, or as many as the variable `PROPTEST_CASES` says.
fn settings() -> ProptestConfig {
    let by_environment = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_some() {
        by_environment
    } else {
        ProptestConfig { cases: 400, ..by_environment }
    }
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn no_interleaving_rotates_twice_loses_a_user_or_hangs(steps in prop::collection::vec(step(), 1..60)) {
        run(steps, true);
    }

    #[test]
    fn without_losses_no_refresh_token_is_used_twice(steps in prop::collection::vec(calm_step(), 1..60)) {
        run(steps, true);
    }

    #[test]
    fn without_locks_no_interleaving_loses_a_user_or_hangs(steps in prop::collection::vec(step(), 1..60)) {
        run(steps, false);
    }
}
