//! A server up to its ready line, and its end.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::future::{AbortHandle, abortable};
use telematics_mock_cli::advice::Wanted;
use telematics_mock_cli::config::Config;
use telematics_mock_cli::exec::{Ended, finish, variables};
use telematics_mock_cli::program::{Machine, Program};
use telematics_mock_core::http::Api;
use telematics_mock_core::mock::Mock;
use tracing::{debug, warn};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::files::MachineFiles;
use super::machine::random_seed;
use super::printed::Printed;
use crate::exchange::Exchange;
use crate::platform::{DateTime, EventLoop};

/// A server that is ready. JavaScript serves it.
#[wasm_bindgen]
pub struct Server {
    mock: Arc<Mock>,
    api: Rc<Api>,
    advice: Wanted,
    /// `None` once it has finished.
    program: Option<Program>,
    /// Writes the state file.
    keeping: Option<AbortHandle>,
}

impl Server {
    /// Starts the server of a configuration.
    ///
    /// # Errors
    ///
    /// A sentence for the person who started it.
    pub async fn start(config: &Config, address: SocketAddr, advice: Wanted) -> Result<Self, String> {
        let machine = Machine {
            runtime: Arc::new(EventLoop),
            time: Box::new(DateTime),
            seed: random_seed,
            files: Arc::new(MachineFiles),
        };
        let (program, api) = Program::start(config, address, machine).await?;
        let keeping = program.keep().map(|keeping| {
            let (keeping, handle) = abortable(keeping);
            spawn_local(async move {
                let _ = keeping.await;
            });
            handle
        });
        let mock = Arc::clone(program.mock());
        Ok(Self { mock, api: Rc::new(api), advice, program: Some(program), keeping })
    }

    fn stop_keeping(&mut self) -> Result<(), String> {
        if let Some(keeping) = self.keeping.take() {
            keeping.abort();
        }
        self.program.take().map_or(Ok(()), Program::finish)
    }
}

#[wasm_bindgen]
impl Server {
    /// Begins the exchange of a request for its answer, as a mock in this program does.
    #[must_use]
    pub fn exchange(&self, method: &str, target: &str, headers: Vec<String>, peer: Option<String>) -> Option<Exchange> {
        Exchange::begin(Rc::clone(&self.api), method, target, &headers, peer.as_deref())
    }

    /// The ready line for standard output, without the last line break.
    #[must_use]
    #[wasm_bindgen(getter, js_name = readyLine)]
    pub fn ready_line(&self) -> String {
        self.program.as_ref().map(Program::ready_line).unwrap_or_default()
    }

    /// The variables of the environment of a command: names and values in turn.
    #[must_use]
    pub fn variables(&self) -> Vec<String> {
        let Some(program) = &self.program else { return Vec::new() };
        variables(program.ready()).into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
    }

    /// Lets everybody who waits for something hear the end.
    pub fn release(&self) {
        self.mock.control.release();
    }

    /// Logs why a connection has ended before the answer, most often because the client has gone.
    #[wasm_bindgen(js_name = logEarlyEnd)]
    pub fn log_early_end(&self, error: &str) {
        debug!(error, "a connection ended early");
    }

    /// Logs that connections are open at the end of the time that they have to finish, in milliseconds.
    #[wasm_bindgen(js_name = logUnfinished)]
    pub fn log_unfinished(&self, milliseconds: f64) {
        warn!("some connections did not finish within {} s", milliseconds / 1000.0);
    }

    /// Writes the state for the last time.
    ///
    /// # Errors
    ///
    /// The file cannot be written: a sentence.
    pub fn finish(&mut self) -> Result<(), JsError> {
        self.stop_keeping().map_err(|sentence| JsError::new(&sentence))
    }

    /// Writes the state for the last time, and the advice of a command that has ended with a code, or by the signal of a number.
    #[wasm_bindgen(js_name = finishCommand)]
    pub fn finish_command(&mut self, code: Option<i32>, signal: i32) -> Printed {
        let stopped = self.stop_keeping();
        finish(&self.advice, code.map_or(Ended::Signal(signal), Ended::Code), stopped, &self.mock, &MachineFiles).into()
    }
}
