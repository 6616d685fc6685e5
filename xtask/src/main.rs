//! `cargo xtask`: one command for each thing a person wants from this repository.
//!
//! Every command first sets up what it needs and is missing, so that a fresh machine with Rust and Node is enough.
//! What it says goes to standard error; standard output belongs to what it runs.

mod demo;
mod pack;
mod progress;
mod setup;
mod size;
mod test;
mod workspace;

#[cfg(not(unix))]
compile_error!("xtask runs on Linux and macOS; on Windows use it inside WSL");

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
    /// Run every check there is: format, lints, tests on the host, in WebAssembly and in a real browser.
    Test {
        /// Run one step alone, by its name in the list of steps.
        #[arg(long, value_name = "STEP", value_parser = test::names())]
        only: Option<String>,
    },
    /// Build the npm package of the client into target/npm.
    Pack,
    /// Pack, and measure what is shipped: raw, gzip and brotli.
    Size,
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
            let tarball = pack::package(&workspace)?;
            progress::say(&format!("packed {}", tarball.display()));
        }
        Command::Size => {
            setup::for_packing(&mut workspace)?;
            let tarball = pack::package(&workspace)?;
            size::report(&tarball)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
