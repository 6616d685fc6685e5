//! Measures the mock server: one thread serves, one thread asks, over real sockets on the loopback address.
//!
//! Absolute figures move with the machine, so every run measures a baseline too: the health check, a static answer that
//! passes the same layers.

mod client;
mod reset;
mod scale;

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use client::{Connection, Pair};
use telematics_mock::MockServer;
use telematics_mock::embedding::JOURNAL_SIZE;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::LocalSet;

/// Measures the mock server, always against something in the same run.
#[derive(Parser)]
enum Options {
    /// Requests a second of RefreshToken, and of a static answer
    Throughput {
        /// Connections that ask at the same time
        #[arg(long, default_value_t = 32)]
        connections: usize,

        /// Seconds that each measurement takes
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
    /// Requests a second of RefreshToken with the journal on, and with it off
    Journal {
        /// Connections that ask at the same time
        #[arg(long, default_value_t = 32)]
        connections: usize,

        /// Seconds that each measurement takes
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
    /// How long a reset takes with many users
    Reset {
        /// How many users
        #[arg(long, default_value_t = 100_000)]
        users: u32,
    },
    /// Whether the last of many users are served as fast as the first, and the memory of each
    Scale {
        /// How many users
        #[arg(long, default_value_t = 1_000_000)]
        users: usize,
    },
}

fn main() -> io::Result<()> {
    match Options::parse() {
        Options::Throughput { connections, seconds } => throughput(connections, Duration::from_secs(seconds)),
        Options::Journal { connections, seconds } => journal(connections, Duration::from_secs(seconds)),
        Options::Reset { users } => reset::measure(users),
        Options::Scale { users } => scale::measure(users),
    }
}

fn journal(connections: usize, length: Duration) -> io::Result<()> {
    let (on, stop_on) = serve(JOURNAL_SIZE)?;
    let (off, stop_off) = serve(0)?;
    let runtime = runtime()?;
    for round in 1..=4 {
        let with = runtime.block_on(measure(&on, connections, length, Work::Refresh))?;
        let without = runtime.block_on(measure(&off, connections, length, Work::Refresh))?;
        let cost = (1.0 - with / without) * 100.0;
        println!("round {round}: journal on {with:>8.0} /s   off {without:>8.0} /s   cost {cost:.1} %");
    }
    drop((stop_on, stop_off));
    Ok(())
}

fn throughput(connections: usize, length: Duration) -> io::Result<()> {
    let (address, stop) = serve(JOURNAL_SIZE)?;
    let runtime = runtime()?;
    for round in 1..=2 {
        let health = runtime.block_on(measure(&address, connections, length, Work::Health))?;
        let refresh = runtime.block_on(measure(&address, connections, length, Work::Refresh))?;
        println!(
            "round {round}: health {health:>8.0} /s   RefreshToken {refresh:>8.0} /s   ratio {:.2}",
            refresh / health
        );
    }
    drop(stop);
    Ok(())
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Serves on a thread of its own until the sender is dropped.
fn serve(journal_size: usize) -> io::Result<(String, oneshot::Sender<()>)> {
    let (ready, address) = std::sync::mpsc::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let runtime = runtime()?;
    thread::spawn(move || {
        runtime.block_on(async move {
            let server = MockServer::builder().journal_size(journal_size).start().await;
            let _ = ready.send(server.as_ref().map(MockServer::uri).map_err(|error| error.kind()));
            let _ = stopped.await;
        });
    });
    let uri = address.recv().map_err(io::Error::other)??;
    Ok((uri.trim_start_matches("http://").to_owned(), stop))
}

#[derive(Clone, Copy)]
enum Work {
    Health,
    Refresh,
}

async fn measure(address: &str, connections: usize, length: Duration, work: Work) -> io::Result<f64> {
    let local = LocalSet::new();
    let started = Instant::now();
    let asking: Vec<_> = (0..connections)
        .map(|_| {
            let address = address.to_owned();
            local.spawn_local(async move {
                let mut connection = Connection::open(&address).await?;
                let mut pair = Pair::register(&mut connection).await?;
                let mut answers = 0_u32;
                while started.elapsed() < length {
                    match work {
                        Work::Health => connection.health().await?,
                        Work::Refresh => pair = pair.refresh(&mut connection).await?,
                    }
                    answers += 1;
                }
                Ok::<_, io::Error>(answers)
            })
        })
        .collect();
    let answers = local
        .run_until(async {
            let mut sum = 0_u32;
            for one in asking {
                sum += one.await.map_err(io::Error::other)??;
            }
            Ok::<_, io::Error>(sum)
        })
        .await?;
    Ok(f64::from(answers) / started.elapsed().as_secs_f64())
}
