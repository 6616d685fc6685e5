//! Measures the shipped binary of the mock server over real sockets, against bare hyper in the same run.
//!
//! One process serves, another one sends the load, each on a core of its own where there are two. Absolute figures move with
//! the machine; ratios of one run are what counts.

mod bare_hyper;
mod callers;
mod calls;
mod cores;
mod figure;
mod http;
mod listener;
mod load;
mod measures;
mod pacing;
mod population;
mod progress;
mod server;
mod session;
mod statistics;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand, ValueEnum as _};

use crate::cores::Cores;
use crate::measures::{Measure, Plan};
use crate::progress::say;

/// Measures the mock server over real sockets, each figure against bare hyper in the same run.
#[derive(Parser)]
#[command(name = "telematics-bench", args_conflicts_with_subcommands = true)]
struct Options {
    /// The binary of the mock server
    #[arg(long, value_name = "PATH", default_value = "target/release/telematics-mock")]
    binary: PathBuf,

    /// Take shorter rounds, and fewer users
    #[arg(long)]
    quick: bool,

    /// Run one measure
    #[arg(long, value_name = "NAME")]
    only: Option<Measure>,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the answers on standard input; the benchmark starts this for its baseline
    #[command(hide = true)]
    BareHyper,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match options.command {
        Some(Command::BareHyper) => bare_hyper::run(),
        None => measure(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Result<()> {
    if !options.binary.is_file() {
        bail!("{} is missing: build it with `cargo build --release -p telematics-mock`", options.binary.display());
    }
    let cores = Cores::claim()?;
    let (rounds, round, users) =
        if options.quick { (3, Duration::from_millis(700), 100_000) } else { (7, Duration::from_secs(2), 1_000_000) };
    let plan = Plan { binary: options.binary.clone(), cores, connections: 32, rounds, round, users };
    say(&cores.sentence());
    let mut figures = Vec::new();
    for measure in Measure::value_variants().iter().filter(|measure| options.only.is_none_or(|only| only == **measure))
    {
        let name = measure.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        say(&format!("{name}:"));
        figures.extend(measure.run(&plan)?);
    }
    print!("{}", table::text(&figures));
    for figure in &figures {
        if let Some(processor) = figure.processor {
            println!(
                "{}: processor time a request: server {:.2} µs, its baseline {:.2} µs, load on the baseline {:.2} µs",
                figure.name, processor.server_us, processor.baseline_us, processor.load_us
            );
        }
    }
    Ok(())
}
