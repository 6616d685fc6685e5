//! The server of this process: listens, serves in the background, and stops.

use std::future::Future;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;

use telematics_mock::http::App;
use telematics_mock::listen;
use telematics_mock::runtime::{MachineTime, TokioRuntime, random_seed};
use telematics_mock::server::serve;
use telematics_mock_cli::config::Config;
use telematics_mock_cli::listening::ListenFailure;
use telematics_mock_cli::program::{Machine, Program, prepare};
use telematics_mock_core::runtime::Runtime;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::files::MachineFiles;

/// A server that is ready.
pub struct RunningServer {
    program: Program,
    /// Dropping it stops the server too.
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    /// Writes the state file.
    keeping: Option<JoinHandle<()>>,
}

impl RunningServer {
    /// Starts the server of a configuration.
    ///
    /// # Errors
    ///
    /// A sentence for the person who started it.
    pub async fn start(config: Config) -> Result<Self, String> {
        prepare(&config, &MachineFiles)?;
        let (listener, address) = listen_at(&config)?;
        let runtime: Arc<dyn Runtime> = Arc::new(TokioRuntime::current());
        let machine = Machine {
            runtime: Arc::clone(&runtime),
            time: Box::new(MachineTime),
            seed: random_seed,
            files: Arc::new(MachineFiles),
        };
        let (program, api) = Program::start(&config, address, machine).await?;
        let keeping = program.keep().map(tokio::spawn);
        let (stop, stopped) = oneshot::channel();
        let mock = Arc::clone(program.mock());
        let serving = tokio::spawn(serve(listener, App::new(api, runtime, config.page), async move {
            // Ends when the sender is dropped, too.
            let _ = stopped.await;
            mock.control.release();
        }));
        Ok(Self { program, stop, serving, keeping })
    }

    /// The address, the credentials and the ready line.
    pub const fn program(&self) -> &Program {
        &self.program
    }

    /// Lets open connections finish, until `hurry` resolves, and writes the state.
    ///
    /// # Errors
    ///
    /// The state cannot be written: a sentence.
    pub async fn stop(self, hurry: impl Future<Output = ()>) -> Result<(), String> {
        let Self { program, stop, serving, keeping } = self;
        // Nobody receives it if the server has ended by itself.
        let _ = stop.send(());
        tokio::select! {
            _ = serving => {}
            () = hurry => {}
        }
        if let Some(keeping) = keeping {
            keeping.abort();
        }
        program.finish()
    }
}

/// Listens where the configuration says, and tells where that is.
fn listen_at(config: &Config) -> Result<(TcpListener, SocketAddr), String> {
    let wanted = SocketAddr::new(config.host, config.port);
    let listener = listen(wanted).map_err(|error| {
        let is_taken = error.kind() == ErrorKind::AddrInUse;
        let failure = if is_taken { ListenFailure::PortInUse } else { ListenFailure::Other(error.to_string()) };
        failure.sentence(wanted)
    })?;
    let address = listener.local_addr().map_err(|error| format!("the port that was opened is unknown: {error}"))?;
    Ok((listener, address))
}
