//! Measures the shipped binary of the mock server over real sockets, against bare hyper in the same run.
//!
//! One process serves and another one sends the load, each on its own core if the machine has two. Absolute figures change
//! from machine to machine and from minute to minute; the ratios of one run are what counts.

mod bare_hyper;
mod caller;
mod callers;
mod calls;
mod chart;
mod connection;
mod cores;
mod figure;
mod folders;
mod http;
mod listener;
mod load;
mod machine;
mod measures;
mod pacing;
mod plan;
mod population;
mod process;
mod progress;
mod registration;
mod report;
mod server;
mod session;
mod slow_clients;
mod statistics;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::{Parser, Subcommand, ValueEnum as _};

use crate::cores::Cores;
use crate::machine::Machine;
use crate::measures::Measure;
use crate::plan::Plan;
use crate::progress::say;
use crate::report::Report;

/// Measures the mock server over real sockets, each figure against a baseline in the same run.
///
/// A complete run (without --quick and --only) writes bench/results.json, docs/speed.svg and the table in docs/speed.md;
/// any other run writes its figures below the target folder.
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

    /// Measure Prism and Mockoon too; installs both from npm below the target folder
    #[arg(long)]
    peers: bool,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the answers on standard input; the benchmark starts this for its baseline
    #[command(hide = true)]
    BareHyper,
    /// Open ten thousand idle and a thousand slow connections, and measure another client and the memory
    SlowClients {
        /// The binary of the mock server
        #[arg(long, value_name = "PATH", default_value = "target/release/telematics-mock")]
        binary: PathBuf,
    },
}

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match &options.command {
        Some(Command::BareHyper) => bare_hyper::run(),
        Some(Command::SlowClients { binary }) => slow_clients::run(binary),
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
    process::end_all_on_a_signal()?;
    let mut machine = Machine::here()?;
    let cores = Cores::claim()?;
    say(&format!("{}\n{}", machine.sentence(), cores.sentence()));
    let plan = options.plan(cores);
    let mut figures = Vec::new();
    for (name, measure) in options.measures() {
        say(&format!("{name}:"));
        figures.extend(measure.run(&plan).with_context(|| format!("the measure {name} failed"))?);
    }
    machine.note_end();
    print!("{}", table::text(&figures));
    let report = Report { machine, cores: cores.sentence(), figures };
    report.figures.iter().filter_map(table::processor).for_each(|line| println!("{line}"));

    let written = if options.is_complete() {
        report.publish(folders::repository()?)?
    } else {
        report.keep(&folders::below_target("bench")?)?
    };
    written.iter().for_each(|path| say(&format!("wrote {}", path.display())));
    Ok(())
}

impl Options {
    fn plan(&self, cores: Cores) -> Plan {
        let (rounds, round, users) = if self.quick {
            (3, Duration::from_millis(700), 100_000)
        } else {
            (7, Duration::from_millis(1_500), 1_000_000)
        };
        Plan { binary: self.binary.clone(), cores, connections: 32, rounds, round, users }
    }

    fn measures(&self) -> impl Iterator<Item = (String, Measure)> {
        let wanted = |measure: &&Measure| match self.only {
            Some(only) => **measure == only,
            None => self.peers || **measure != Measure::Peers,
        };
        let named = |measure: &Measure| Some((measure.to_possible_value()?.get_name().to_owned(), *measure));
        Measure::value_variants().iter().filter(wanted).filter_map(named)
    }

    /// Whether the figures are those that the repository publishes.
    fn is_complete(&self) -> bool {
        !self.quick && self.only.is_none()
    }
}
