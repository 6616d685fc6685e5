//! Sends random requests to mock servers over real sockets, and fails if one is answered with a 5xx, breaks a connection, or if the
//! memory of the servers grows from round to round. `cargo xtask fuzz` builds and runs it.
//!
//! Arguments: the number of requests, and the seed of an earlier run to repeat its choices; a random seed by default.

// A violation ends the run with a panic that shows the request.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

mod memory;
mod round;

use std::collections::BTreeMap;
use std::env;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{IsTerminal as _, Write as _};

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::runtime::Builder;

use crate::memory::Memory;
use crate::round::{Client, Statuses};

/// The number of servers that are asked at the same time, each by a client of its own.
const SERVERS: u64 = 4;

fn main() {
    let mut arguments = env::args().skip(1).map(|argument| argument.parse::<u64>().expect("a number"));
    let requests = arguments.next().expect("the number of requests");
    let seed = arguments.next().unwrap_or_else(|| RandomState::new().hash_one(0));
    let rounds = requests.div_ceil(SERVERS * round::REQUESTS);
    println!("{requests} requests to {SERVERS} servers, seed {seed}");

    let mut memory = Memory::default();
    let mut statuses = Statuses::default();
    let clients: Vec<_> = (0..SERVERS).map(|number| start(seed.wrapping_add(number))).collect();
    for done in 1..=rounds {
        for (next, _) in &clients {
            next.send(()).expect("a running client");
        }
        for (_, counts) in &clients {
            statuses.add(&counts.recv().expect("a round without a violation"));
        }
        memory.measure();
        progress(&format!("{} of {requests} requests, {memory}", (done * SERVERS * round::REQUESTS).min(requests)));
    }
    println!("\nstatuses of the contract:    {}", list(&statuses.contract));
    println!("statuses of the control API: {}", list(&statuses.control));
    println!("clients that gave up or were cut off by a fault: {}", statuses.unanswered);
    println!("resident memory after a reset: {memory}");
    statuses.check();
    memory.check();
    println!(
        "no 5xx, no lost connection{}",
        if memory.is_judged() { ", no growth" } else { "; too few requests to judge the memory" }
    );
}

/// Starts a server and its client in a thread. The client runs one round for each message, and answers with its counts.
fn start(seed: u64) -> (Sender<()>, Receiver<Statuses>) {
    let (next, rounds) = channel();
    let (counts, seen) = channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut client = runtime.block_on(Client::start(runner(seed)));
        while rounds.recv().is_ok() && counts.send(runtime.block_on(client.round())).is_ok() {}
    });
    (next, seen)
}

fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

fn progress(line: &str) {
    if std::io::stdout().is_terminal() {
        print!("\r{line}\u{1b}[K");
        let _ = std::io::stdout().flush();
    } else {
        println!("{line}");
    }
}

fn list(counts: &BTreeMap<u16, u64>) -> String {
    counts.iter().map(|(status, count)| format!("{status}: {count}")).collect::<Vec<_>>().join(", ")
}
