//! `cargo xtask`: one command for each task in this repository.
//!
//! Every command first installs the tools that it needs and does not find, so that a fresh machine with Rust and Node is
//! enough. Progress goes to standard error; standard output belongs to the programs that a command runs.

mod bench;
mod demo;
mod dist;
mod fuzz;
mod greeting;
mod module;
mod pack;
mod pages;
mod progress;
mod react_native;
mod setup;
mod size;
mod soak;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Builds, runs, tests and measures everything in this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the client, the page and the mock server, and run the server with the page until Ctrl-C.
    Demo {
        /// The port on 127.0.0.1; 0 takes a free one.
        #[arg(long, default_value_t = 4600)]
        port: u16,
    },
    /// Run every check: format, lints, tests on the host, in WebAssembly and in a real browser.
    Test {
        /// Run only this step.
        #[arg(long, value_name = "STEP", value_parser = test::names())]
        only: Option<String>,
    },
    /// Build the npm packages of the client and of the mock server into target/npm.
    Pack,
    /// Build the page with the mock in a service worker into target/pages, for any static file server.
    Pages,
    /// Make what gives people the binary without a compiler, for the platform of this machine, in target/dist, and try each. Publishes nothing.
    Dist {
        /// Make only this; may be given several times.
        #[arg(long, value_name = "NAME", value_parser = dist::names())]
        only: Vec<String>,
    },
    /// Disturb four tabs of one signed-in user at random, and check that nobody is signed out and that no call hangs.
    Soak {
        /// How long the disturbances last.
        #[arg(long, default_value_t = 5.0)]
        minutes: f64,
        /// Repeat the random choices of an earlier run; random by default.
        #[arg(long)]
        seed: Option<u32>,
    },
    /// Send random requests to mock servers, and check that each is answered, without a 5xx, and that the memory does not grow.
    Fuzz {
        /// The number of requests.
        #[arg(long, default_value_t = 1_000_000)]
        requests: u64,
        /// Repeat the random choices of an earlier run; random by default.
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Measure the shipped mock server while ten thousand idle and a thousand slow clients are connected; fails if an answer is missing.
    SlowClients,
    /// Pack the client and the mock, and measure the shipped files: raw, gzip and brotli.
    Size,
    /// Measure the shipped mock server against bare hyper, and the packed client against plain fetch; a complete run writes docs/speed.md and bench/results.json.
    Bench {
        /// Take shorter rounds, and at most 100 000 users.
        #[arg(long)]
        quick: bool,
        /// Measure Prism and Mockoon too, from npm.
        #[arg(long)]
        peers: bool,
        /// Run only this measure: calls, latency, users, lookups, waiting, footprint, journal, reset, client, in-process or peers.
        #[arg(long, value_name = "NAME")]
        only: Option<String>,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    run(cli.command).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    let mut workspace = Workspace::open()?;
    match command {
        Command::Demo { port } => return demo::run(&mut workspace, port),
        Command::Test { only } => test::run(&mut workspace, only.as_deref())?,
        Command::Pack => {
            setup::for_packing(&mut workspace)?;
            for tarball in pack::packages(&workspace)? {
                progress::say(&format!("packed {}", tarball.display()));
            }
        }
        Command::Pages => {
            setup::for_packing(&mut workspace)?;
            progress::say(&format!("built {}", pages::build(&workspace)?.display()));
        }
        Command::Bench { quick, peers, only } => bench::run(&mut workspace, quick, peers, only.as_deref())?,
        Command::Dist { only } => dist::run(&mut workspace, &only)?,
        Command::Fuzz { requests, seed } => fuzz::run(&mut workspace, requests, seed)?,
        Command::SlowClients => bench::slow_clients(&workspace)?,
        Command::Soak { minutes, seed } => soak::run(&mut workspace, minutes, seed)?,
        Command::Size => {
            setup::for_packing(&mut workspace)?;
            size::check(&workspace)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
