//! Measures the mock server: one thread serves, one thread asks, over real sockets on the loopback address.
//!
//! Absolute figures move with the machine, so every run measures a baseline too: the health check, a static answer that
//! passes the same layers.

mod client;
mod scale;

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use client::{Connection, Pair};
use telematics_mock::MockServer;
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
        Options::Scale { users } => scale::measure(users),
    }
}

fn throughput(connections: usize, length: Duration) -> io::Result<()> {
    let (address, stop) = serve()?;
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
fn serve() -> io::Result<(String, oneshot::Sender<()>)> {
    let (ready, address) = std::sync::mpsc::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let runtime = runtime()?;
    thread::spawn(move || {
        runtime.block_on(async move {
            let server = MockServer::start().await;
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
