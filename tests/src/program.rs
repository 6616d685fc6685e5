//! A mock server as a program: any that has the options and the ready line of `telematics-mock`.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::known::{NEW_YEAR, NEW_YEAR_SECONDS};
use crate::mock::MockOptions;

/// The variable with the program and its first arguments, separated by spaces.
const VARIABLE: &str = "TELEMATICS_MOCK_PROGRAM";

/// The program that the environment names; `None` if the tests use a server in their own process.
pub(crate) fn named() -> Option<String> {
    env::var(VARIABLE).ok().filter(|program| !program.is_empty())
}

/// A mock server that runs as a program; it ends when it is dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    url: String,
}

impl Program {
    /// Starts a program on a free port and waits for its ready line.
    ///
    /// # Panics
    ///
    /// The program does not start, or its first line is not a ready line.
    #[must_use]
    pub fn start(program: &str, options: &MockOptions) -> Self {
        let mut words = program.split(' ').filter(|word| !word.is_empty());
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).args(["--port", "0", "--json", "--config", "none", "--log", "warn"]);
        if options.is_frozen {
            command.args(["--clock", NEW_YEAR]);
        }
        if options.machine_time_stands_still {
            // Node reads it. Another program has no such option and fails the few tests that ask for it.
            let script = format!("data:text/javascript,Date.now=()=>{NEW_YEAR_SECONDS}000");
            command.env("NODE_OPTIONS", format!("--import={script}"));
        }
        if let Some(seed) = options.seed {
            command.args(["--seed", &seed.to_string()]);
        }
        if let Some(entries) = options.journal_size {
            command.args(["--journal-size", &entries.to_string()]);
        }
        if let Some(token) = &options.control_token {
            command.args(["--control-token", token]);
        }
        if options.trusts_forwarded {
            command.arg("--trust-forwarded");
        }
        // It is no option of a server, which would say so.
        command.env_remove(VARIABLE);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("its output")).read_line(&mut line).expect("a ready line");
        let ready: Value = serde_json::from_str(&line).expect("the ready line is JSON");
        Self { child, url: ready["url"].as_str().expect("a URL").to_owned() }
    }

    /// Its address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
