//! `telematics-mock exec`: a server for the time that a command runs.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use telematics_mock_core::mock::{Identities, InstanceCredentials, Mock};

use crate::advice::{Told, Wanted};
use crate::config::Config;
use crate::files::Files;
use crate::printed::{FAILURE, Printed, SUCCESS};
use crate::ready::Ready;

/// The exit code if the command was not found, as in a shell.
const NOT_FOUND: u8 = 127;

/// The exit code if the command was found and cannot be run, as in a shell.
const NOT_RUNNABLE: u8 = 126;

/// The exit code of a command that a signal has ended is this number and that of the signal, as in a shell.
const SIGNALLED: i32 = 128;

/// A command, and the server that runs as long as it.
#[derive(Debug)]
pub struct Exec {
    /// The server.
    pub config: Config,
    /// The advice that is told at the end.
    pub advice: Wanted,
    /// The program to run.
    pub program: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// The end of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It has ended with this code. Windows has large and negative ones.
    Code(i32),
    /// A signal with this number has ended it.
    Signal(i32),
}

impl Ended {
    /// The exit code of the run. A code of the command that does not fit is [`FAILURE`].
    #[must_use]
    pub fn code(self) -> u8 {
        let code = match self {
            Self::Code(code) => code,
            Self::Signal(number) => number.saturating_add(SIGNALLED),
        };
        u8::try_from(code).unwrap_or(FAILURE)
    }
}

/// The reason why a command was not started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotStarted {
    /// There is no such program.
    NotFound,
    /// A signal with this name and number arrived first.
    Stopped {
        /// The name, for people.
        signal: String,
        /// The number.
        number: i32,
    },
    /// Another reason, in the words of the machine.
    Other(String),
}

impl NotStarted {
    /// The sentence about a program, and the exit code.
    #[must_use]
    pub fn printed(&self, program: &OsStr, files: &dyn Files) -> Printed {
        let path = Path::new(program);
        let program = program.display();
        match self {
            // A name alone is looked for in other folders.
            Self::NotFound if path.components().nth(1).is_some() && files.is_file(path) => {
                let sentence = format!(
                    "the command '{program}' cannot be run: the interpreter that it needs is missing, which the first line of a \
                     script names"
                );
                Printed::failure_with(&sentence, NOT_RUNNABLE)
            }
            Self::NotFound => {
                let sentence = format!("the command '{program}' was not found; check its name, or give its path");
                Printed::failure_with(&sentence, NOT_FOUND)
            }
            Self::Stopped { signal, number } => {
                let sentence = format!("stopped by {signal} before the command '{program}' was started");
                Printed::failure_with(&sentence, Ended::Signal(*number).code())
            }
            Self::Other(why) => {
                Printed::failure_with(&format!("the command '{program}' cannot be run: {why}"), NOT_RUNNABLE)
            }
        }
    }
}

/// The variables of the environment that tell a command where the server is and how to use it: names and values.
#[must_use]
pub fn variables(ready: &Ready) -> Vec<(&'static str, String)> {
    let Ready { url, identities, control_token, .. } = ready;
    let Identities { instance, ubi_instance, admin, .. } = identities;
    let of = |names: [&'static str; 3], credentials: &InstanceCredentials| {
        let InstanceCredentials { instance_id, instance_key, invite_code, .. } = credentials;
        names.into_iter().zip([instance_id.clone(), instance_key.clone(), invite_code.clone()])
    };
    let mut variables = vec![("TELEMATICS_URL", url.clone())];
    let demo = ["TELEMATICS_INSTANCE_ID", "TELEMATICS_INSTANCE_KEY", "TELEMATICS_INVITE_CODE"];
    variables.extend(of(demo, instance));
    variables.push(("TELEMATICS_ADMIN_EMAIL", admin.email.to_owned()));
    variables.push(("TELEMATICS_ADMIN_PASSWORD", admin.password.to_owned()));
    let ubi = ["TELEMATICS_UBI_INSTANCE_ID", "TELEMATICS_UBI_INSTANCE_KEY", "TELEMATICS_UBI_INVITE_CODE"];
    variables.extend(of(ubi, ubi_instance));
    variables.extend(control_token.as_ref().map(|token| ("TELEMATICS_CONTROL_TOKEN", token.expose().to_owned())));
    variables
}

/// The end of a run whose command has ended, and whose server has stopped or could not write its state: writes the advice, and returns
/// what is printed. The code of a command that has failed comes first.
#[must_use]
pub fn finish(wanted: &Wanted, ended: Ended, stopped: Result<(), String>, mock: &Mock, files: &dyn Files) -> Printed {
    let told = wanted.tell(&mock.control.advice.of_run(), mock.control.requests_of_run(), files);
    printed(ended, stopped, told)
}

fn printed(ended: Ended, stopped: Result<(), String>, Told { mut text, is_failure }: Told) -> Printed {
    let is_failure = is_failure || stopped.is_err();
    if let Err(sentence) = stopped {
        text += &Printed::failure(&sentence).text;
    }
    let code = match ended.code() {
        SUCCESS if is_failure => FAILURE,
        code => code,
    };
    Printed { text, to_standard_error: true, code }
}

#[cfg(test)]
mod tests {
    use telematics_contract::Secret;

    use super::*;

    #[test]
    fn the_exit_code_is_that_of_the_command_or_tells_the_signal() {
        for (ended, expected) in [
            (Ended::Code(0), 0),
            (Ended::Code(7), 7),
            (Ended::Code(256), FAILURE),
            (Ended::Code(-1), FAILURE),
            (Ended::Signal(2), 130),
            (Ended::Signal(i32::MAX), FAILURE),
        ] {
            assert_eq!(ended.code(), expected, "{ended:?}");
        }
    }

    #[test]
    fn a_state_that_could_not_be_written_and_advice_fail_a_run_whose_command_has_succeeded() {
        let lost = || Err("lost".to_owned());
        let advice = || Told { text: "advice\n".to_owned(), is_failure: true };
        let code = |code, stopped, told| printed(Ended::Code(code), stopped, told).code;
        assert_eq!(code(0, lost(), Told::default()), FAILURE);
        assert_eq!(code(0, Ok(()), advice()), FAILURE);
        assert_eq!(code(0, Ok(()), Told { is_failure: false, ..advice() }), SUCCESS);
        assert_eq!(code(3, lost(), advice()), 3);
        let Printed { text, to_standard_error, .. } = printed(Ended::Code(0), lost(), advice());
        assert_eq!((&*text, to_standard_error), ("advice\ntelematics-mock: lost\n", true));
    }

    #[test]
    fn the_variables_are_those_of_the_ready_line_and_the_control_token_if_there_is_one() {
        let ready = |config: &Config| Ready::new("http://127.0.0.1:1".to_owned(), config);
        let names = |ready: &Ready| variables(ready).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let plain = ready(&Config::default());
        assert!(variables(&plain).contains(&("TELEMATICS_URL", "http://127.0.0.1:1".to_owned())));
        assert!(variables(&plain).contains(&("TELEMATICS_UBI_INVITE_CODE", "UBI001".to_owned())));
        assert_eq!(names(&plain).len(), 9);
        let guarded = ready(&Config { control_token: Some(Secret::new("t0ken")), ..Config::default() });
        assert!(variables(&guarded).contains(&("TELEMATICS_CONTROL_TOKEN", "t0ken".to_owned())));
        assert_eq!(names(&guarded).len(), 10);
    }
}
