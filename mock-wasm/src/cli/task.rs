//! What the command line asks for.

use std::net::SocketAddr;
use std::rc::Rc;

use js_sys::Promise;
use telematics_mock_cli::advice::Wanted;
use telematics_mock_cli::config::{Colours, Config, Invocation, Task};
use telematics_mock_cli::exec::{Exec, NotStarted};
use telematics_mock_cli::healthcheck::Healthcheck;
use telematics_mock_cli::init_files;
use telematics_mock_cli::listening::ListenFailure;
use telematics_mock_cli::printed::Printed as Text;
use telematics_mock_cli::program::prepare;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::files::MachineFiles;
use super::log;
use super::machine::{Machine, use_machine};
use super::printed::Printed;
use super::server::Server;

/// Reads the command line, the environment and the configuration file: a [`ServerTask`], a [`HealthcheckTask`], or [`Printed`] if the task
/// is done. The first argument is the program; `variables` are names and values in turn; `colours` tells whether standard output and
/// standard error may have colours.
#[must_use]
#[wasm_bindgen(js_name = readTask)]
pub fn read(machine: Machine, arguments: Vec<String>, variables: Vec<String>, colours: &[u8]) -> JsValue {
    use_machine(machine);
    let [standard_output, standard_error] = [0, 1].map(|output| colours.get(output) == Some(&1));
    let pairs = variables.as_chunks::<2>().0;
    let invocation = Invocation {
        arguments: arguments.into_iter().map(Into::into).collect(),
        variables: pairs.iter().map(|[name, value]| (name.clone(), value.into())).collect(),
        colours: Colours { standard_output, standard_error },
    };
    let failure = |sentence: String| Printed::from(Text::failure(&sentence)).into();
    match Task::of(&invocation, &MachineFiles) {
        Err(error) => failure(error.to_string()),
        Ok(Task::Print(text)) => Printed::from(text).into(),
        Ok(Task::Init { folder, force }) => match init_files::write(&MachineFiles, &folder, force) {
            Ok(text) => Printed::from(Text::result(text)).into(),
            Err(sentence) => failure(sentence),
        },
        Ok(Task::Healthcheck(check)) => HealthcheckTask(check).into(),
        Ok(Task::Serve(config)) => ServerTask::new(*config, None, standard_error).into(),
        Ok(Task::Exec(exec)) => {
            let Exec { config, advice, program, arguments } = *exec;
            let text = |words: std::ffi::OsString| words.to_string_lossy().into_owned();
            let command =
                Command { program: text(program), arguments: arguments.into_iter().map(text).collect(), advice };
            ServerTask::new(config, Some(command), standard_error).into()
        }
    }
}

/// The question to a server whether it is ready.
#[wasm_bindgen]
#[derive(Debug)]
pub struct HealthcheckTask(Healthcheck);

#[wasm_bindgen]
impl HealthcheckTask {
    /// The host to connect to.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn host(&self) -> String {
        self.0.address().0.to_owned()
    }

    /// The port to connect to.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn port(&self) -> u16 {
        self.0.address().1
    }

    /// The request, to send as it is.
    #[must_use]
    pub fn request(&self) -> String {
        self.0.request()
    }

    /// Judges the answer; `problem` is the reason why there is none.
    #[must_use]
    pub fn judge(&self, answer: Option<String>, problem: &str) -> Printed {
        let judged = self.0.judge(answer.as_deref().ok_or(problem));
        judged.map_or_else(|sentence| Text::failure(&sentence), |()| Text::result(String::new())).into()
    }
}

/// A server to start, alone or for a command.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ServerTask {
    config: Rc<Config>,
    command: Option<Command>,
    has_colours: bool,
}

/// A command that runs with a server.
#[derive(Clone, Debug)]
struct Command {
    program: String,
    arguments: Vec<String>,
    advice: Wanted,
}

impl ServerTask {
    fn new(config: Config, command: Option<Command>, has_colours: bool) -> Self {
        Self { config: Rc::new(config), command, has_colours }
    }
}

#[wasm_bindgen]
impl ServerTask {
    /// Starts the log, and checks what the host does by itself.
    ///
    /// # Errors
    ///
    /// The filter of the log is not valid, or the page is not a folder: a sentence.
    pub fn prepare(&self) -> Result<(), JsError> {
        let started = log::start(self.config.log(), self.has_colours);
        started.and_then(|()| prepare(&self.config, &MachineFiles)).map_err(|sentence| JsError::new(&sentence))
    }

    /// The address to listen on.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn host(&self) -> String {
        self.config.host.to_string()
    }

    /// The port to listen on; 0 for a free one.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn port(&self) -> u16 {
        self.config.port
    }

    /// The folder of static files.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn page(&self) -> Option<String> {
        Some(self.config.page.as_ref()?.to_string_lossy().into_owned())
    }

    /// The program to run with the server.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn program(&self) -> Option<String> {
        Some(self.command.as_ref()?.program.clone())
    }

    /// The arguments of that program.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn arguments(&self) -> Vec<String> {
        self.command.as_ref().map(|command| command.arguments.clone()).unwrap_or_default()
    }

    /// The sentence about a port that cannot be taken: because it is in use, or for the reason `why`.
    #[must_use]
    #[wasm_bindgen(js_name = listenFailure)]
    pub fn listen_failure(&self, is_in_use: bool, why: String) -> String {
        let failure = if is_in_use { ListenFailure::PortInUse } else { ListenFailure::Other(why) };
        failure.sentence(SocketAddr::new(self.config.host, self.config.port))
    }

    /// What is said about a command that was not started: because it was not found, or for the reason `why`.
    #[must_use]
    #[wasm_bindgen(js_name = notStarted)]
    pub fn not_started(&self, is_missing: bool, why: String) -> Printed {
        let failure = if is_missing { NotStarted::NotFound } else { NotStarted::Other(why) };
        failure.printed(self.program().unwrap_or_default().as_ref(), &MachineFiles).into()
    }

    /// What is said about a command that was not started because a signal arrived first.
    #[must_use]
    pub fn stopped(&self, signal: String, number: i32) -> Printed {
        NotStarted::Stopped { signal, number }
            .printed(self.program().unwrap_or_default().as_ref(), &MachineFiles)
            .into()
    }

    /// Starts the server, for which the host listens on the port already. Resolves to a [`Server`]; rejects with a sentence.
    pub fn start(&self, port: u16) -> Promise {
        let config = Rc::clone(&self.config);
        let advice = self.command.as_ref().map(|command| command.advice.clone()).unwrap_or_default();
        future_to_promise(async move {
            let address = SocketAddr::new(config.host, port);
            let started = Server::start(&config, address, advice).await;
            started.map(JsValue::from).map_err(|sentence| JsError::new(&sentence).into())
        })
    }
}
